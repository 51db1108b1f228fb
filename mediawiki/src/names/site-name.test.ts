import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { expect, test } from 'vitest'
import { parseSiteName } from './site-name.ts'

const codeOf = (name: string, language = 'en'): string => {
  try {
    return parseSiteName(name, language).name === name ? 'taken' : 'changed'
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}

test.each([
  ...[
    "Ada's Notes",
    'Ada\'s "Notes"',
    '$HOME',
    '$(reboot)',
    '`id`',
    "'; DROP DATABASE mysql; --",
    '; comment',
  ],
  ...[
    'a = b',
    'yes',
    'null',
    '!',
    '\\',
    '%s%n',
    'etc/passwd',
    "''''bold''''",
    '~~',
    'R&D Notes; more',
    '100%',
    'a...',
  ],
  ...['עברית ומוזיקה', 'ويكي', '👩‍🚀 Ada', 'ノート', 'Project', 'x'.repeat(200)],
])('%j is a name, and stays as it is', (name) => {
  expect(codeOf(name)).toBe('taken')
})

test.each([
  ...[
    '',
    ' ',
    ' Ada',
    'Ada ',
    '_',
    '___',
    'x'.repeat(201),
    'é'.repeat(128),
    'Ada\n',
    'A\tB',
    'A\0B',
    'A\u007FB',
  ],
  ...['A\u0085B', 'A\u2028B', 'A\uD800B', 'A\uFFFDB', 'A\uFFFEB', '\u200E\u200E', '${HOME}'],
  ...['R&amp;D Notes', 'AT&T; etc', '100%25', '~~~~', '/etc', '../../etc/passwd', 'a/./b', 'a/..', '.'],
  ...['<b>', 'a>b', '[[Ada]]', '{{SITENAME}}', 'a|b', '#Ada', 'Ada: notes', '<?php'],
])('%j is no name', (name) => {
  expect(codeOf(name)).toBe('invalid_name')
})

test.each([
  ['User', 'en'],
  ['user', 'en'],
  ['USER', 'en'],
  ['User talk', 'de'],
  ['File', 'de'],
  ['Talk', 'ja'],
  ['Benutzerin', 'de'],
  ['Benutzerin', 'de-at'],
  ['Vorlage', 'gsw'],
  ['Category', 'he'],
  ['קטגוריה', 'he'],
  ['Project talk', 'fr'],
  // The talk pages of such a project would have the name of users' talk pages.
  ['Użytkownika', 'pl'],
])('%s is a namespace that MediaWiki needs in %s', (name, language) => {
  expect(codeOf(name, language)).toBe('invalid_name')
})

test('a name of one language is free in another', () => {
  expect(codeOf('Benutzer', 'en')).toBe('taken')
  expect(codeOf('Użytkownika', 'de')).toBe('taken')
})

test.each(['', 'xx-unknown', 'EN', 'en ', '../en', 'qqq', 'constructor', '__proto__'])(
  '%j is no language',
  (language) => {
    expect(codeOf('Ada', language)).toBe('unknown_language')
  },
)

test('the namespace is what MediaWiki makes of the name in a link', () => {
  const namespaceOf = (name: string) => parseSiteName(name, 'en').metaNamespace
  expect(namespaceOf("Ada's big Notes")).toBe("Ada's_big_Notes")
  expect(namespaceOf('Ada  and\u3000_ Bob')).toBe('Ada_and_Bob')
  expect(namespaceOf('_Ada_')).toBe('Ada')
  expect(namespaceOf('\u200Fעברית\u200F')).toBe('עברית')
  expect(namespaceOf('Ame\u0301lie')).toBe('Amélie')
})

const tree = process.env['WIKISTEAD_MEDIAWIKI']

test.skipIf(tree === undefined)(
  'the names in the repository are those of the MediaWiki tree that is at hand',
  () => {
    for (const what of ['namespace-names', 'language-names']) {
      const written = execFileSync('php', [join(import.meta.dirname, `write-${what}.php`), tree ?? ''])
      expect(written.toString()).toBe(readFileSync(join(import.meta.dirname, `${what}.json`), 'utf8'))
    }
  },
)
