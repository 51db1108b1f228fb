/**
 * A suspension in pubwiki.ini. Whatever LocalSettings.php the wiki has must understand it: today's reads `WIKI_SUSPENDED`, those
 * before it `WIKI_SERVING=archived`, the first ones and many an operator's own only `WIKI_BOOTSTRAPING`. What these said before stays
 * beside them, so that lifting makes the file what it was.
 */
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { readPlainFile } from '../folder/plain-file.ts'
import { changePubwikiIni, readIniValues, type IniValues } from './pubwiki-file.ts'

export interface ShownSuspension {
  readonly reason: string
  /** Whom its owner may ask; '' for none. */
  readonly contact: string
}

const reasonKey = 'WIKI_SUSPENDED'
const contactKey = 'WIKI_SUSPENDED_CONTACT'
const servingKey = 'WIKI_SERVING'
const bootstrappingKey = 'WIKI_BOOTSTRAPING'
const servingBefore = 'WIKI_SERVING_BEFORE'
const bootstrappingBefore = 'WIKI_BOOTSTRAPING_BEFORE'

/** @throws Refusal `template_broken` where the wiki's LocalSettings.php would go on serving it */
export async function suspendInIni(folder: string, { reason, contact }: ShownSuspension): Promise<void> {
  const told = await readIniValues(folder, [reasonKey, servingKey, bootstrappingKey])
  const words = await closingWords(folder)
  const before: IniValues = {
    [servingBefore]: told[servingKey],
    [bootstrappingBefore]: told[bootstrappingKey],
  }
  await changePubwikiIni(folder, {
    ...(told[reasonKey] === undefined && before),
    ...words,
    ...{ [reasonKey]: reason, [contactKey]: contact === '' ? undefined : contact },
  })
}

/** Nothing where it is not suspended. */
export async function liftInIni(folder: string): Promise<void> {
  const told = await readIniValues(folder, [reasonKey, servingBefore, bootstrappingBefore])
  if (told[reasonKey] === undefined) return
  await changePubwikiIni(folder, {
    ...{ [servingKey]: told[servingBefore], [bootstrappingKey]: told[bootstrappingBefore] },
    ...{ [servingBefore]: undefined, [bootstrappingBefore]: undefined },
    ...{ [reasonKey]: undefined, [contactKey]: undefined },
  })
}

async function closingWords(folder: string): Promise<IniValues> {
  const settings = await readPlainFile(join(folder, 'LocalSettings.php')).catch(() => undefined)
  const reads = (key: string): boolean => settings?.bytes.includes(key) ?? false
  // What cannot be read may know anything.
  if (settings === undefined) return { [servingKey]: 'archived', [bootstrappingKey]: true }
  if (reads(servingKey)) return { [servingKey]: 'archived' }
  if (reads(bootstrappingKey)) return { [servingKey]: 'archived', [bootstrappingKey]: true }
  throw new Refusal(
    'template_broken',
    'The wiki’s LocalSettings.php reads neither WIKI_SUSPENDED nor WIKI_BOOTSTRAPING, so it would go on as before. An operator puts today’s there.',
  )
}
