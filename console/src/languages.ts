/** The languages of the console; each is loaded when it is first wanted, English always. */
export interface Language {
  /** BCP 47. */
  readonly code: string
  /** Of its message files. */
  readonly file: string
  readonly name: string
  readonly dir: 'ltr' | 'rtl'
}

export const languages: readonly Language[] = [
  { code: 'en', file: 'en', name: 'English', dir: 'ltr' },
  { code: 'zh-Hans', file: 'zh-hans', name: '简体中文', dir: 'ltr' },
  { code: 'ar', file: 'ar', name: 'العربية', dir: 'rtl' },
]

const place = 'wikistead-language'

/** The one that was chosen here before, else the first that the browser asks for. */
export function preferredLanguage(): Language {
  const [english] = languages as readonly [Language]
  const wanted = [stored(), ...navigator.languages]
  for (const code of wanted) {
    const found = languages.find((language) => matches(language, code ?? ''))
    if (found !== undefined) return found
  }
  return english
}

export function rememberLanguage({ code }: Language): void {
  try {
    localStorage.setItem(place, code)
  } catch {
    // Then it is asked of the browser again next time.
  }
}

function stored(): string | null {
  try {
    return localStorage.getItem(place)
  } catch {
    return null
  }
}

function matches({ code }: Language, wanted: string): boolean {
  if (wanted === '') return false
  const locale = new Intl.Locale(wanted).maximize()
  const own = new Intl.Locale(code).maximize()
  return locale.language === own.language && locale.script === own.script
}
