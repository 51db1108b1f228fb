/** What is printed to be pasted: whole, quoted, and called as the command was. */
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { commandLine, quoted, rememberInvocation, withWholeCommands } from './commands-in-words.ts'
import { buildProgram } from './program.ts'

const program = buildProgram({})
const script = '/opt/wikistead/cli/bin/wikistead.js'

function called(options: object, env: Readonly<Record<string, string>> = {}, from = script): void {
  rememberInvocation(program, { ...options }, env, ['node', from])
}

describe('a command in a text', () => {
  test('gets what says where things are, where it takes it', () => {
    called({ dataFolder: '/srv/farm #1', api: 'http://127.0.0.1:9', tokenFile: '/run/token' })
    const place = "--data-folder '/srv/farm #1'"
    const asked = '--api http://127.0.0.1:9 --token-file /run/token'
    expect(withWholeCommands('Watch it with: wikistead watch 01a2')).toBe(
      `Watch it with: ${script} watch 01a2 ${place} ${asked}`,
    )
    expect(withWholeCommands('`wikistead start` brings it; see `wikistead audit verify`.')).toBe(
      `\`${script} start ${place}\` brings it; see \`${script} audit verify ${place} ${asked}\`.`,
    )
    expect(withWholeCommands('Look with: wikistead list --data-folder /other')).toBe(
      `Look with: ${script} list --data-folder /other ${asked}`,
    )
  })

  test('is found wherever one stands, and nothing else is taken for one', () => {
    called({}, { npm_command: 'exec', npm_config_local_prefix: '/opt/w', INIT_CWD: '/opt/w/docs' })
    expect(
      withWholeCommands('One: wikistead list\nTwo `npx wikistead sync --now`, or: wikistead alarms'),
    ).toBe('One: npx wikistead list\nTwo `npx wikistead sync --now`, or: npx wikistead alarms')
    for (const text of [
      'The wikistead list of things.',
      '`wikistead`',
      '`wikistead no-such-command`',
      'It is wikistead: it lists.',
      '',
    ]) {
      expect(withWholeCommands(text)).toBe(text)
    }
  })

  test('names a relative folder so that it holds from anywhere, and what the environment said', () => {
    called({ config: 'wikistead.yaml' }, { WIKISTEAD_DATA_FOLDER: 'data' })
    expect(commandLine(['list'])).toBe(
      `${script} list --config ${process.cwd()}/wikistead.yaml --data-folder ${process.cwd()}/data`,
    )
  })
})

describe('a command is called', () => {
  test('as `npx wikistead` below the tree that npm runs it in, and by its path from elsewhere', () => {
    const npm = { npm_command: 'run-script', npm_config_local_prefix: '/opt/w' }
    called({}, { ...npm, INIT_CWD: '/opt/w' })
    expect(commandLine(['list'])).toBe('npx wikistead list')
    // npx would ask a registry there.
    for (const elsewhere of ['/opt', '/opt/wide', '/']) {
      called({}, { ...npm, INIT_CWD: elsewhere })
      expect(commandLine(['list'])).toBe(`${script} list`)
    }
  })

  test('by its name alone where the shell finds this very one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wikistead-path-'))
    await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
    await symlink(import.meta.filename, join(folder, 'wikistead'))
    called({}, { PATH: `/nowhere::${folder}` }, import.meta.filename)
    expect(commandLine(['list'])).toBe('wikistead list')
    called({}, { PATH: folder }, "/some where's/wikistead")
    expect(commandLine(['list'])).toBe(`'/some where'\\''s/wikistead' list`)
  })
})

test('words are quoted for a shell', () => {
  expect(['ada', 'a b', "it's", '', '$(x)', '`x`', 'a\nb', 'http://a.b:8/c'].map(quoted)).toEqual([
    ...['ada', "'a b'", `'it'\\''s'`, "''", "'$(x)'", "'`x`'", "'a\nb'", 'http://a.b:8/c'],
  ])
})

test('where nothing was called, texts stay as they are', () => {
  const none = { program: new Command('wikistead'), called: 'wikistead', flags: new Map() }
  expect(withWholeCommands('See `wikistead list`.', none)).toBe('See `wikistead list`.')
})
