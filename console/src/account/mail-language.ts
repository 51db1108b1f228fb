import type { AskForLink } from '@wikistead/contracts'

type MailLanguage = NonNullable<AskForLink['language']>

const known: readonly MailLanguage[] = ['en', 'zh-hans', 'ar']

/** That of the page, where mail is written in it. */
export const mailLanguage = (language: string): MailLanguage =>
  known.find((one) => one === language.toLowerCase()) ?? 'en'
