/** The row that Wikistead writes for a one-time link, and what a person does with such a link. */
import { createHash } from 'node:crypto'
import type { Answer, Visitor } from './visitor.ts'
import { sendForm } from './web-form.ts'

export interface Offer {
  readonly key: string
  /** Of the owner, as Wikistead numbers them. */
  readonly user: number
  /** From now; default 900. */
  readonly seconds?: number
}

/** As SQL, in the wiki's database. */
export function offerStatement({ key, user, seconds = 900 }: Offer): string {
  const hash = createHash('sha256').update(key).digest('hex')
  const until = Math.floor(Date.now() / 1_000) + seconds
  return `REPLACE INTO updatelog (ul_key, ul_value) VALUES ('wikistead sign-in', '${JSON.stringify({ hash, until, user })}')`
}

export const linkOf = (key: string): string =>
  `/index.php?${String(new URLSearchParams({ title: 'Special:FirstSignIn', key }))}`

/** Opens the link and chooses the password. */
export async function choosePassword(
  visitor: Visitor,
  host: string,
  key: string,
  password: string,
): Promise<Answer> {
  const page = await visitor.get(host, linkOf(key))
  if (page.status !== 200) return page
  return sendForm(visitor, host, page, 'first-sign-in', { wppassword: password, wpretype: password })
}
