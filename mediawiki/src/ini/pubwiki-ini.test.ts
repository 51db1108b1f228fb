import { Refusal } from '@wikistead/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPhp, type LongLivedPhp } from '../../test/long-lived-php.ts'
import { PubwikiIni, type IniValue } from './pubwiki-ini.ts'

let php: LongLivedPhp

beforeAll(() => {
  php = startPhp(`array_map( fn ( $mode ) => array_map(
    fn ( $value ) => is_string( $value ) ? bin2hex( $value ) : $value,
    is_array( $read = @parse_ini_string( hex2bin( $in ), false, $mode ) ) ? $read : [ 'broken' => true ]
  ), [ 'normal' => INI_SCANNER_NORMAL, 'typed' => INI_SCANNER_TYPED ] )`)
})
afterAll(() => php[Symbol.asyncDispose]())

type Read = Record<'normal' | 'typed', Record<string, unknown>>

async function readByPhp(ini: PubwikiIni): Promise<Read> {
  const answer = (await php.ask(ini.toBytes().toString('hex'))) as Read
  for (const mode of ['normal', 'typed'] as const) {
    answer[mode] = Object.fromEntries(
      Object.entries(answer[mode]).map(([key, value]): [string, unknown] => [
        key,
        typeof value === 'string' ? Buffer.from(value, 'hex').toString() : value,
      ]),
    )
  }
  return answer
}

const keyOf = (index: number) => `WIKI_${String(index)}`
const atOnce = 40

/** Many values a question, each between two neighbours that a broken one would take along. */
async function expectReadAsWritten(values: readonly string[]): Promise<void> {
  const ini = new PubwikiIni('; a comment\n')
  values.forEach((value, index) => ini.set(keyOf(index), value))
  const wanted = Object.fromEntries(values.map((value, index): [string, string] => [keyOf(index), value]))
  expect(await readByPhp(ini)).toEqual({ normal: wanted, typed: wanted })
  const again = new PubwikiIni(ini.toBytes())
  for (const [index, value] of values.entries()) expect(again.get(keyOf(index))).toBe(value)
}

/** Text made of what means something to an ini file, to PHP, SQL, a shell and wikitext. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'"\'\\$;=!&|^~(){}[]#:%<>`*?@,.-_ \t\r\n\b\u007F'),
      fc.constantFrom(
        '${HOME}',
        '$HOME',
        '${WIKI',
        '\\"',
        '""',
        '"\n',
        '"\r\n',
        '\\\n',
        '\n[x]\n',
        '\nWIKI_0=x',
      ),
      fc.constantFrom(
        'yes',
        'null',
        'E_ALL',
        '<?php',
        '?>',
        '{{SITENAME}}',
        '👩‍🚀',
        'עברית',
        '\u202E',
        '\uFEFF',
        '; --',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll('\0', '').toWellFormed())

test('what real PHP reads is what was asked, for twenty thousand generated values, NORMAL and TYPED', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: atOnce, maxLength: atOnce }), expectReadAsWritten),
    { numRuns: 500 },
  )
})

test('a quote in front of a line end does not break the file', async () => {
  await expectReadAsWritten(['a"\nb', 'a"\r\nb', '"\n', '"\r', '"', '\\"\n', '\\', '\\\\"\n"\n', 'ends in "'])
})

test('words that an ini file takes for something else stay words', async () => {
  await expectReadAsWritten([
    ...['true', 'false', 'yes', 'no', 'on', 'off', 'none', 'null', '', '0', '1', '007', '1e3'],
  ])
})

test('a boolean is truth or its absence', async () => {
  const ini = new PubwikiIni().set('WIKI_A', true).set('WIKI_B', false)
  expect(ini.toBytes().toString()).toBe('WIKI_A=true\nWIKI_B=false\n')
  expect(await readByPhp(ini)).toEqual({
    normal: { WIKI_A: '1', WIKI_B: '' },
    typed: { WIKI_A: true, WIKI_B: false },
  })
  expect([ini.get('WIKI_A'), ini.get('WIKI_B'), ini.get('WIKI_C')]).toEqual([true, false, undefined])
})

test.each(['a\0b', 'half \uD83D of a character'])('%j is refused', (value) => {
  expect(() => new PubwikiIni().set('WIKI_A', value)).toThrow(Refusal)
})

test('a template keeps its comments, sections, unknown keys, line ends and odd bytes', async () => {
  const template = Buffer.from(
    [
      '; the farm\'s "template" ; unclosed \' quote',
      "OTHER = 'kept; $x \\ as is' ; really",
      'WIKI_SITE_NAME = old ; the name',
      'WIKI_LANG="de',
      '; no comment"',
      '  WIKI_SITE_NAME="twice"   ; once more',
      'LIST[] = 1',
      'LIST[] = 2',
      'EMPTY',
      'NOTHING =',
      'LATIN = "\xE9"',
      '',
      '[more]',
      'WIKI_HOST_URL=there',
      'LAST="no line end"',
    ].join('\r\n'),
    'latin1',
  )
  const ini = new PubwikiIni(template)
  ini
    .set('WIKI_SITE_NAME', 'Ada')
    .set('WIKI_LANG', 'en')
    .set('WIKI_HOST_URL', 'ada.example')
    .set('WIKI_NEW', 'new')
  expect(ini.toBytes().toString('latin1')).toBe(
    [
      '; the farm\'s "template" ; unclosed \' quote',
      "OTHER = 'kept; $x \\ as is' ; really",
      'WIKI_SITE_NAME="Ada" ; the name',
      'WIKI_LANG="en"',
      '     ; once more',
      'LIST[] = 1',
      'LIST[] = 2',
      'EMPTY',
      'NOTHING =',
      'LATIN = "\xE9"',
      '',
      'WIKI_NEW="new"',
      '[more]',
      'WIKI_HOST_URL="ada.example"',
      'LAST="no line end"',
    ].join('\r\n'),
  )
  const { normal } = await readByPhp(ini)
  expect(normal).toMatchObject({
    OTHER: 'kept; $x \\ as is',
    WIKI_SITE_NAME: 'Ada',
    WIKI_LANG: 'en',
    WIKI_HOST_URL: 'ada.example',
    WIKI_NEW: 'new',
    LAST: 'no line end',
  })
})

test('setting a key leaves what PHP reads of the others, in generated templates', async () => {
  const quoted = fc.oneof(
    fc.stringMatching(/^[a-z0-9 ;=]{0,8}$/).map((text) => `"${text}"`),
    fc.stringMatching(/^[a-z0-9 ;="\\$]{0,8}$/).map((text) => `'${text}'`),
    fc.stringMatching(/^[a-z0-9]{0,6}$/),
  )
  const statement = fc
    .tuple(fc.constantFrom('A', 'B', 'C', 'WIKI_SITE_NAME'), fc.constantFrom('=', ' = '), quoted)
    .map((parts) => parts.join(''))
  const line = fc.oneof(
    { weight: 4, arbitrary: statement },
    fc.stringMatching(/^; [a-z"'=[]{0,8}$/),
    fc.tuple(statement, fc.stringMatching(/^ ; [a-z"']{0,6}$/)).map((parts) => parts.join('')),
    fc.constantFrom('', '[section]', '  '),
  )
  const template = fc.tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('\n', '\r\n'))
  await fc.assert(
    fc.asyncProperty(template, hostile, async ([lines, eol], value) => {
      // PHP itself stumbles over a comment that no line end follows.
      const text = lines.join(eol) + eol
      const before = await readByPhp(new PubwikiIni(text))
      expect(before.normal).not.toHaveProperty('broken')
      const after = await readByPhp(new PubwikiIni(text).set('WIKI_SITE_NAME', value))
      for (const mode of ['normal', 'typed'] as const) {
        expect(after[mode]).toEqual({ ...before[mode], WIKI_SITE_NAME: value })
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a template that PHP could not read is refused', () => {
  const codeOf = (text: string): string | undefined => {
    try {
      new PubwikiIni(text)
    } catch (error) {
      return error instanceof Refusal ? error.code : undefined
    }
    return undefined
  }
  expect(codeOf('WIKI_LANG="de\nOTHER=1\n')).toBe('template_broken')
  expect(codeOf("WIKI_LANG='de\n")).toBe('template_broken')
})

test('the stamp is one comment, the last task in it', () => {
  const ini = new PubwikiIni('A=1\n').stamp('task-1').stamp('task-2')
  expect(ini.toBytes().toString()).toBe('; Wikistead task=task-2\nA=1\n')
  expect(new PubwikiIni(ini.toBytes()).task).toBe('task-2')
  expect(new PubwikiIni('; by hand\n; Wikistead task=task-2\n').task).toBeUndefined()
})

test.each<[string, IniValue | undefined]>([
  ['A="${HOME}"', undefined],
  ['A[]=1', undefined],
  ['A=1+2', '1+2'],
  ['A=bare word', 'bare word'],
  ['A=off', false],
])('%s is read as far as it is plain', (text, value) => {
  expect(new PubwikiIni(text).get('A')).toBe(value)
})
