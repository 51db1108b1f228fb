import { describe, expect, test } from 'vitest'
import { docBlocks, docSentences, type DocExample } from '../../test/doc-examples.ts'
import { file, given, home, load, problemsOf } from '../../test/loading.ts'
import { settings } from '../settings/settings.ts'

/** What an example names as the file of a secret is there, and holds one. */
const secretFile = file(`${'0123456789abcdef'.repeat(4)}\n`)
const withFiles = (yaml: string) => yaml.replaceAll(/^([a-z-]+-file: *)[^\s#]+/gm, `$1${secretFile}`)

/** Blocks of another program say so in their first line: `# compose.yaml`. */
const isOurs = ({ text }: DocExample) => !/^# (?!wikistead\.yaml)\S+\.ya?ml\b/.test(text)

describe('the examples of the documentation are settings that are taken', () => {
  test.each(docBlocks().filter((block) => /^ya?ml$/.test(block.language) && isOurs(block)))(
    '$at',
    ({ text }) => {
      expect(problemsOf({ file: file(withFiles(text)) })).toEqual([])
    },
  )

  // Alone, a setting may lack another that it goes with; what it says itself is right.
  test.each(docSentences())('$at, $text', ({ text }) => {
    const itself = problemsOf({ file: file(withFiles(text)) }).filter((line) => /^\S+ \(/.test(line))
    expect(itself).toEqual([])
  })

  const commands = docBlocks()
    .filter(({ language }) => ['sh', 'console', 'ini', ''].includes(language))
    .map(({ at, text }) => ({ at, settings: settingsIn(text) }))
    .filter((each) => Object.keys(each.settings).length > 0)

  test.each(commands)('$at', ({ settings: named }) => {
    const itself = problemsOf(given(named)).filter((line) => /^\S+ \(/.test(line))
    expect(itself).toEqual([])
  })
})

test('the admin of docs/sign-in.md is whom it names', () => {
  const example = docBlocks().find(({ text }) => text.includes('oidc-admin-subjects:'))
  const [, subject] = /oidc-admin-subjects: \[(\d+)\]/.exec(example?.text ?? '') ?? []
  expect(subject).toMatch(/^\d+$/)
  expect(load({ file: file(withFiles(example?.text ?? '')), env: home }).oidcAdminSubjects).toEqual([subject])
})

/** Flags and variables of a shell, by the name of the setting. What `worker --host` names is a machine. */
function settingsIn(block: string): Readonly<Record<string, string>> {
  const text = block.replaceAll(/(\bworker\b.*) --host \S+/g, '$1')
  const found: Record<string, string> = {}
  for (const { name, flag, env, holds } of settings) {
    const value = holds === undefined ? '(\\S+)' : '\\S+'
    const written = new RegExp(
      `(?:^|\\s)(?:${flag === undefined ? '' : `--${name}[ =]|`}${env}=)${value}`,
      'm',
    ).exec(text)
    if (written !== null) found[name] = written[1] ?? secretFile
  }
  return found
}
