/**
 * A MediaWiki wiki's name and language. The name is also that of the namespace for pages about the wiki itself, so it
 * must be one that MediaWiki can tell from its built-in ones and find again in a link. Free of Node.
 *
 * `namespace-names.json` and `language-names.json` hold MediaWiki's own names: `write-namespace-names.php` and
 * `write-language-names.php` write them from a tree, and the test compares them with the tree at `WIKISTEAD_MEDIAWIKI`.
 */
import { Refusal } from '@wikistead/contracts'
import languageNames from './language-names.json' with { type: 'json' }
import names from './namespace-names.json' with { type: 'json' }

export interface SiteName {
  /** As it was asked for. */
  readonly name: string
  readonly language: string
  /** The name as MediaWiki writes it in front of a page's title: with underscores. */
  readonly metaNamespace: string
}

/** @throws Refusal `invalid_name`, `unknown_language` */
export function parseSiteName(name: string, language: string): SiteName {
  requireLanguage(language)
  const problem = problemOf(name)
  if (problem !== undefined) throw new Refusal('invalid_name', problem)
  const metaNamespace = toNamespace(name)
  if (metaNamespace === '')
    throw new Refusal('invalid_name', "A wiki's name needs a letter, a digit or a sign.")
  const builtIn = builtInNamespace(metaNamespace, language)
  if (builtIn !== undefined) {
    throw new Refusal(
      'invalid_name',
      `In this language ${builtIn} is a name that MediaWiki needs for itself.`,
    )
  }
  return { name, language, metaNamespace }
}

/** @throws Refusal `unknown_language` */
export function requireLanguage(language: string): string {
  if (Object.hasOwn(namespaceNames, language)) return language
  throw new Refusal(
    'unknown_language',
    `MediaWiki has no language ${JSON.stringify(language.slice(0, 40))}.`,
    {
      language: language.slice(0, 40),
    },
  )
}

/** What a wiki may be written in, by its own name. */
export const languages: readonly { readonly code: string; readonly name: string }[] = Object.entries(
  languageNames,
).map(([code, name]) => ({ code, name }))

const namespaceNames: Readonly<Record<string, string>> = names

/** In characters, as the API counts them, and in bytes, as MediaWiki's titles do. */
const most = { characters: 200, bytes: 255 }

function problemOf(name: string): string | undefined {
  if (name.trim() !== name || name === '') return "A wiki's name is not empty and has no spaces around it."
  if (name.length > most.characters || new TextEncoder().encode(name).length > most.bytes) {
    return `A wiki's name is at most ${String(most.characters)} characters long, fewer where they are not Latin letters.`
  }
  // Controls and line separators, halves of characters, and what stands for a character that could not be read.
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\uFFFD\p{Noncharacter_Code_Point}]/u.test(name)) {
    return "A wiki's name has no control characters."
  }
  if (/[<>[\]{}|#:]/.test(name)) return "A wiki's name has none of < > [ ] { } | # :"
  return undefined
}

/** As MediaWiki reads a title: without marks of direction, runs of any kind of space as one underscore. */
function toNamespace(name: string): string {
  return name
    .normalize('NFC')
    .replace(/[\u200E\u200F\u202A-\u202E]+/g, '')
    .replace(/[ _\u00A0\u1680\u180E\u2000-\u200A\u202F\u205F\u3000]+/g, '_')
    .replace(/^_+|_+$/g, '')
}

/** The built-in namespace that this one, or that of its talk pages, could not be told from. */
function builtInNamespace(metaNamespace: string, language: string): string | undefined {
  const wanted = metaNamespace.toLowerCase()
  const words = `${namespaceNames[language] ?? ''} ${namespaceNames['en'] ?? ''}`.split(' ')
  const patterns = words.filter((word) => word.includes('$1'))
  const taken = new Set(words.filter((word) => !word.includes('$1')))
  if (wanted === 'project_talk' || taken.has(wanted)) return wanted
  // A name's own `$` means nothing here.
  return patterns.map((pattern) => pattern.replace('$1', () => wanted)).find((talk) => taken.has(talk))
}
