/** The texts of the console and of the components that it shares: complete, used, and alike in every language. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditWords } from '@wikistead/contracts/audit-words'
import { refusals } from '@wikistead/contracts/refusals'
import { phases, servings, taskKinds, taskStatuses, wikiStatuses } from '@wikistead/contracts/states'
import Banana from 'banana-i18n'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
type Texts = Readonly<Record<string, string>>

function texts(workspace: string, language: string): Texts {
  const file = readFileSync(join(root, workspace, 'i18n', `${language}.json`), 'utf8')
  const all = JSON.parse(file) as Record<string, string>
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== '@metadata'))
}
const sources = (...workspaces: readonly string[]): string =>
  workspaces
    .flatMap((workspace) =>
      globSync(`${workspace}/src/**/*.{ts,vue}`, { cwd: root, exclude: ['**/*.test.ts'] }),
    )
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
const params = (text: string): string => [...new Set(text.match(/\$\d/g))].sort().join(' ')

const all = sources('components', 'console')
/** Keys that stand whole in the sources; those with a part that is put in are counted below. */
const literal = new Set(
  [...all.matchAll(/['"`]((?:wikifarm|console)(?:-[a-z0-9]+)+)['"`]/g)].map(([, key]) => String(key)),
)
/** `wikifarm-phase-state-${…}` and its like, as patterns. */
const patterns = [...all.matchAll(/`((?:wikifarm|console)-[a-z-]*)\$\{[^`]*?\}([a-z-]*)`/g)].map(
  ([, before, after]) => new RegExp(`^${before ?? ''}[a-z-]+${after ?? ''}$`),
)
const words = (kind: string, ...of: readonly string[]) =>
  of.map((word) => `wikifarm-${kind}-${word.replaceAll('_', '-')}`)
/** What `message-keys.ts` makes of the contracts' words. */
const ofContracts = [
  ...words('error', ...Object.keys(refusals), 'offline', 'unreachable', 'no_such_route', 'fault'),
  ...words('phase', ...phases),
  ...words('status', ...wikiStatuses),
  ...words('serving', ...servings),
  ...Object.values(auditWords).map((word) => `console-operate-did-${word}`),
  ...words('task', ...taskKinds),
  ...words('task', ...taskKinds).map((key) => `${key}-short`),
  ...words('name', 'free', 'taken', 'reserved', 'restorable', 'invalid'),
  ...taskStatuses.map((status) => `console-task-${status}`),
]
/** banana-i18n's own types are not to be found by Node's rules. */
const Reader = Banana as unknown as new (
  locale: string,
  options: { readonly messages: Readonly<Record<string, Texts>> },
) => { i18n(key: string, ...params: readonly string[]): string }
const english = { ...texts('components', 'en'), ...texts('console', 'en') }

test('every key that is used has a text', () => {
  const used = [...literal, ...ofContracts].filter((key) => key !== 'wikifarm-create')
  expect(used.filter((key) => !Object.hasOwn(english, key))).toEqual([])
})

test('every text is used', () => {
  const known = new Set([...literal, ...ofContracts])
  const unused = Object.keys(english).filter(
    (key) => !known.has(key) && !patterns.some((pattern) => pattern.test(key)),
  )
  expect(unused).toEqual([])
})

test('what the components say comes with them', () => {
  const own = [...sources('components').matchAll(/['"`](console(?:-[a-z0-9]+)+)['"`]/g)]
  expect(own.map(([, key]) => key)).toEqual([])
})

describe.each(['components', 'console'])('in %s', (workspace) => {
  const keys = Object.keys(texts(workspace, 'en'))

  test.each(['zh-hans', 'ar', 'qqq'])('%s has every key and no other', (language) => {
    expect(Object.keys(texts(workspace, language)).sort()).toEqual([...keys].sort())
  })

  test.each(['zh-hans', 'ar'])('%s says what English says, with the same parameters', (language) => {
    for (const [key, text] of Object.entries(texts(workspace, language))) {
      expect(`${key}: ${params(text)}`).toBe(`${key}: ${params(english[key] ?? 'no such key')}`)
      expect(text.trim(), key).not.toBe('')
    }
  })

  test.each(['en', 'zh-hans', 'ar'])('%s can be read by banana', (language) => {
    const messages = texts(workspace, language)
    const banana = new Reader(language, { messages: { [language]: { ...messages } } })
    for (const key of Object.keys(messages)) {
      expect(banana.i18n(key, '1', '2', '3'), key).not.toMatch(/\$\d|\{\{/)
    }
  })

  test('whoever translates is told what each parameter is', () => {
    for (const [key, text] of Object.entries(texts(workspace, 'qqq'))) {
      expect(`${key}: ${params(text)}`).toBe(`${key}: ${params(english[key] ?? '')}`)
    }
  })
})
