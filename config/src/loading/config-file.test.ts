import { expect, test } from 'vitest'
import { file, load, notesOf, problemsOf } from '../../test/loading.ts'
import { readConfigFile } from './config-file.ts'

/** What YAML takes for another thing than a text, or writes another way. */
const texts = [
  ...[
    '248289761001',
    '248289761001248289761',
    '0123',
    '0x1f',
    '0o17',
    '1e3',
    '1.50',
    '+5',
    '.5',
    '-0',
    '.inf',
    '.nan',
  ],
  ...[
    'yes',
    'no',
    'on',
    'True',
    'FALSE',
    'y',
    'null',
    'Null',
    '~',
    '2024-05-01',
    '2024-05-01T10:00:00Z',
    '12:30:45',
    '1_000',
  ],
]

test.each(texts)('%s is the text that is written, alone, in lists and in mappings', (text) => {
  const styles = (value: string) => [value, `"${value}"`, `'${value}'`, `${value} # a comment`]
  for (const written of styles(text)) {
    expect(readConfigFile(`a: ${written}\n`).entries[0]?.value, written).toBe(text)
    expect(readConfigFile(`a:\n  - ${written}\n  - b\n`).entries[0]?.value, written).toEqual([text, 'b'])
    expect(readConfigFile(`a:\n  b:\n    ${text}: ${written}\n`).entries[0]?.value, written).toEqual({
      b: { [text]: text },
    })
  }
  expect(readConfigFile(`a: [${text}, "${text}"]\n`).entries[0]?.value).toEqual([text, text])
  expect(readConfigFile(`a: &x ${text}\nb: *x\n`).entries.map(({ value }) => value)).toEqual([text, text])
  expect(readConfigFile(`a: >-\n  ${text}\n`).entries[0]?.value).toBe(text)
})

test('subjects of the provider are what it calls people, however they are written', () => {
  const provider = 'oidc-issuer: https://login.example.org\noidc-client-id: 0123\n'
  const { oidcAdminSubjects, oidcClientId } = load({
    file: file(`${provider}oidc-admin-subjects: [248289761001248289761, 0123, 1e3, yes, null, 2024-05-01]\n`),
  })
  expect(oidcClientId).toBe('0123')
  expect(oidcAdminSubjects).toEqual(['248289761001248289761', '0123', '1e3', 'yes', 'null', '2024-05-01'])
})

test('what is wrong is shown as it was written', () => {
  const path = file(
    'fedwiki-sync-default-user-id: 248289761001248289761\nfedwiki-reserved-names: [0123, 1E3]\n',
  )
  expect(problemsOf({ file: path })).toEqual([
    expect.stringContaining(`(${path} line 2: ["0123","1E3"])`),
    expect.stringContaining(`(${path} line 1: 248289761001248289761)`),
  ])
})

test('numbers and booleans are what their words say', () => {
  const config = load({ file: file('port: 0\nfedwiki-embedded-farm: False\nfedwiki-site-limit: 07\n') })
  expect(config).toMatchObject({ port: 0, fedwikiEmbeddedFarm: false, fedwikiSiteLimit: 7 })
  expect(problemsOf({ file: file('port: 1e3\n') })[0]).toMatch(/1e3\): a whole number, 0 to 65535/)
})

test('only a key without a value counts as not set', () => {
  expect(load({ file: file('oidc-name:\nlog-level: # none\n') })).toEqual(load())
  expect(problemsOf({ file: file('fedwiki-dns-servers:\n  -\n') })[0]).toMatch(/a list of texts/)
  expect(problemsOf({ file: file('port: null\n') })[0]).toMatch(/null\): a whole number/)
  expect(notesOf({ file: file('oidc-name:\n') })).toEqual([])
})
