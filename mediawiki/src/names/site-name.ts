/**
 * A MediaWiki wiki's name and language. The name is also that of the namespace for pages about the wiki itself, so it
 * must be one that MediaWiki can tell from its built-in ones and find again in a link. Free of Node.
 *
 * `namespace-names.json` and `language-names.json` hold MediaWiki's own names: `write-namespace-names.php` and
 * `write-language-names.php` write them from a tree, and the test compares them with the tree at `WIKISTEAD_MEDIAWIKI`.
 */
import { Refusal } from '@wikistead/contracts'
import { longestSiteName, siteNameFault, toTitle, type SiteNameFault } from '@wikistead/contracts/site-names'
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
  const metaNamespace = toTitle(asItIsRead(name, language))
  const fault = siteNameFault(name) ?? siteNameFault(metaNamespace)
  if (fault !== undefined) throw new Refusal('invalid_name', faults[fault], { fault })
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

const faults: Readonly<Record<SiteNameFault, string>> = {
  empty: "A wiki's name needs a letter, a digit or a sign.",
  spaces: "A wiki's name has no spaces around it.",
  long: `A wiki's name is at most ${String(longestSiteName.characters)} characters long, fewer where they are not Latin letters.`,
  invisible: "A wiki's name has no control characters.",
  sign: "A wiki's name has none of < > [ ] { } | # :",
  escape: "A wiki's name has nothing like &amp; or %20, which MediaWiki reads as another character.",
  tildes: "A wiki's name has no three ~ in a row, which MediaWiki reads as a signature.",
  path: "A wiki's name does not begin with a slash, and has no part of one or two dots between slashes.",
}

/**
 * What these languages of MediaWiki make of whatever is typed: the forms of Arabic letters that only print has become
 * letters, and in Malayalam a letter without its vowel becomes one character.
 */
function asItIsRead(name: string, language: string): string {
  const typed = name.normalize('NFC')
  if (readsAsArabic.has(language)) {
    return typed.replace(/[\uFB50-\uFDFF\uFE70-\uFEFC]/g, (letter) =>
      letter === '\uFBDD' ? '\u0677' : letter.normalize('NFKC'),
    )
  }
  if (language === 'ml')
    return typed.replace(/([ണനരലളക])\u0D4D\u200D/g, (_, letter: string) => chillu[letter] ?? '')
  return typed
}

/** Those that fall back to it. */
const readsAsArabic: ReadonlySet<string> = new Set(['acm', 'aeb-arab', 'apc', 'ar', 'arq', 'ary', 'arz'])

const chillu: Readonly<Record<string, string>> = { ണ: 'ൺ', ന: 'ൻ', ര: 'ർ', ല: 'ൽ', ള: 'ൾ', ക: 'ൿ' }

/** The built-in namespace that this one, or that of its talk pages, could not be told from. */
function builtInNamespace(metaNamespace: string, language: string): string | undefined {
  const wanted = toLowerCase(metaNamespace)
  const words = toLowerCase(`${namespaceNames[language] ?? ''} ${namespaceNames['en'] ?? ''}`).split(' ')
  const patterns = words.filter((word) => word.includes('$1'))
  const taken = new Set(words.filter((word) => !word.includes('$1')))
  if (wanted === 'project_talk' || taken.has(wanted)) return wanted
  // A name's own `$` means nothing here.
  return patterns.map((pattern) => pattern.replace('$1', () => wanted)).find((talk) => taken.has(talk))
}

/** As PHP has it before 8.3: a sigma at the end of a word is any sigma. */
const toLowerCase = (name: string): string => name.toLowerCase().replaceAll('ς', 'σ')
