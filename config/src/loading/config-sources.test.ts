import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { file, folder, home, load, problemsOf } from '../../test/loading.ts'
import { settings } from '../settings/settings.ts'

describe('a setting that every source can give', () => {
  // For each: a text that is legal, and a second one that is another value.
  const samples: Readonly<Record<string, readonly [string, string]>> = {
    port: ['1', '2'],
    'log-level': ['debug', 'trace'],
    'support-url': ['https://a.example', 'mailto:help@b.example'],
    'create-wait': ['1s', '2s'],
    'redis-server': ['a:1', 'b:2'],
    'temporal-address': ['a:1', 'b:2'],
    'fedwiki-sync-interval': ['30m', '1h30m'],
    'fedwiki-embedded-farm': ['true', 'false'],
    'fedwiki-reserved-names': ['a', 'b,c'],
    'fedwiki-site-limit': ['0', '7'],
  }
  const source = fc.constantFrom(...Object.keys(samples)).chain((name) =>
    fc.record({
      name: fc.constant(name),
      given: fc.record({ flag: fc.boolean(), env: fc.boolean(), file: fc.boolean() }),
    }),
  )

  test('comes from the flag, else the environment, else the file', () => {
    fc.assert(
      fc.property(source, ({ name, given }) => {
        const [good = '', other = ''] = samples[name] ?? []
        const { env = '' } = settings.find((setting) => setting.name === name) ?? {}
        // The first source that gives it says `good`, every later one `other`.
        const values = {
          flag: good,
          env: given.flag ? other : good,
          file: given.flag || given.env ? other : good,
        }
        const config = load({
          flags: given.flag ? { [name]: values.flag } : {},
          env: { ...home, ...(given.env && { [env]: values.env }) },
          ...(given.file && { file: file(`${name}: "${values.file}"`) }),
        })
        const expected = given.flag || given.env || given.file ? load({ flags: { [name]: good } }) : load()
        expect(config).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })
})

test('flags may be in camel case, and undefined ones are not given', () => {
  const flags = { fedwikiSyncInterval: '30m', 'create-wait': '5s', port: undefined }
  expect(load({ flags })).toMatchObject({ fedwikiSyncInterval: 1_800_000, createWait: 5_000, port: 8410 })
})

test("a command's own default counts where no source gives anything, and goes before the usual one", () => {
  const defaults = { 'data-folder': '/srv/demo', port: 0 }
  expect(load({ defaults })).toMatchObject({ dataFolder: '/srv/demo', port: 0 })
  expect(load({ defaults, flags: { port: '1' }, file: file('data-folder: /srv/own') })).toMatchObject({
    ...{ dataFolder: '/srv/own', port: 1 },
  })
})

test('empty variables and keys without a value count as not set', () => {
  const config = load({ env: { ...home, WIKISTEAD_PORT: '' }, file: file('log-level:\n') })
  expect(config).toEqual(load())
})

test('an empty file sets nothing', () => {
  expect(load({ file: file('# nothing yet\n') })).toEqual(load())
})

describe('names that mean nothing', () => {
  test('are problems in the file, with the name that was meant', () => {
    const path = file('fedwiki_sync_enabled: true\nredis-pasword: hunter2\ncolour: red\n')
    expect(problemsOf({ file: path })).toEqual([
      `fedwiki_sync_enabled (${path} line 1): no such setting; did you mean fedwiki-sync-enabled?`,
      `redis-pasword (${path} line 2): no such setting; did you mean redis-password?`,
      `colour (${path} line 3): no such setting; docs/configuration.md lists all`,
    ])
  })

  test('may be what objects inherit', () => {
    const path = file('constructor: 1\n__proto__: 1\ntoString: 1\n')
    expect(problemsOf({ file: path }).map((line) => line.split(' ')[0])).toEqual([
      'constructor',
      '__proto__',
      'toString',
    ])
    const flags = JSON.parse('{"constructor":1,"__proto__":1,"toString":1}') as Record<string, unknown>
    expect(problemsOf({ flags })).toHaveLength(3)
  })
})

describe('a file that cannot be used is one problem among the others', () => {
  test('when it is not there', () => {
    const path = join(folder, 'none.yaml')
    expect(problemsOf({ file: path, flags: { port: 'x' } })).toEqual([
      `the file (${path}): cannot be read: ENOENT`,
      'port (--port=x): a whole number, 0 to 65535',
    ])
  })

  test.each([
    ['is no YAML', 'port: 1\nhost: "unclosed\n', /line 3/],
    ['says a thing twice', 'port: 1\nhost: ::1\nport: 2\n', /line 3\): Map keys must be unique/],
    ['is a list', '- port: 1\n', /line 1\): write settings as `name: value`/],
    ['holds two documents', 'port: 1\n---\nport: 2\n', /line 2/],
    ['has a name that is no text', '? [a, b]\n: 1\n', /line 1\): the name of a setting is plain text/],
    ['uses an unknown tag', 'port: !!js/function x\n', /line 1/],
  ])('when it %s', (_, content, expected) => {
    const problems = problemsOf({ file: file(content) })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  test('when it nests settings', () => {
    expect(problemsOf({ file: file('fedwiki:\n  sync-enabled: true\n') })[0]).toMatch(/^fedwiki .* line 1\)/)
  })

  test('when its aliases multiply', () => {
    const bomb = [
      'a: &a [x, x]',
      ...'bcdefghi'.split('').map((name, at) => `${name}: &${name} [*${'abcdefgh'[at]}, *${'abcdefgh'[at]}]`),
    ]
    expect(problemsOf({ file: file(bomb.join('\n')) })).toHaveLength(9)
  })
})
