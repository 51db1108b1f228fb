/**
 * A custom domain that was proven once may pass to somebody else. So whoever keeps house asks for the proofs again: for one
 * at a time, and for each once a day. A site is not taken from its owner for it, for a record is soon deleted by mistake;
 * an operator is told when it has been missing for days. A domain of which no proof was ever seen here (one that a sync
 * has found, or whose owner took the record out when that was not yet asked for again) is not watched.
 */
import { Refusal } from '@wikistead/contracts'
import type { Store, WikiRow } from '@wikistead/store'

/** @throws Refusal `domain_unproven`; anything else when nobody can tell now */
export type ProveControl = (domain: string, userId: number) => Promise<void>

/** What is known of one domain. Of another owner than this nothing is known. */
interface Watched {
  readonly ownerId: number
  /** Since when it is missing, and how often it was then; undefined while it is there. */
  readonly missing?: { readonly since: number; readonly times: number }
}

const day = 86_400_000
const cursor = 'domain_proofs'
const alarm = 'domain_unproven'
const notes = 'domain_proof/'
const idsAtOnce = 500

/** Asks for the proof of the next domain whose turn it is. True when there was one. */
export async function askForNextProof(
  store: Store,
  proveControl: ProveControl,
  now = store.now(),
): Promise<boolean> {
  const round = JSON.parse((await store.settings.get(cursor)) ?? '{"after":0,"began":0}') as {
    readonly after: number
    readonly began: number
  }
  if (round.after === 0 && now - round.began < day) return false
  const began = round.after === 0 ? now : round.began
  const wiki = await store.wikis.nextCustomDomain(round.after)
  await store.settings.set(cursor, JSON.stringify({ after: wiki?.wiki_id ?? 0, began }))
  if (wiki === undefined) {
    await clearThoseGone(store)
    await forgetThoseGone(store)
    return false
  }
  const isProven = await asked(proveControl, wiki)
  if (isProven === undefined) return true
  const name = notes + String(wiki.wiki_id)
  const before = JSON.parse((await store.settings.get(name)) ?? 'null') as Watched | null
  const after = watchedAfter(before, wiki.owner_id, isProven, now)
  if (after === undefined) return true
  await store.settings.set(name, JSON.stringify(after))
  if (after.missing === undefined) await store.alarms.clear(alarm, wiki.address)
  else if (isMissed(after.missing, now)) await raise(store, wiki, after.missing.since)
  return true
}

/** Undefined: it is not watched. */
export function watchedAfter(
  before: Watched | null,
  ownerId: number,
  isProven: boolean,
  now: number,
): Watched | undefined {
  if (isProven) return { ownerId }
  if (before?.ownerId !== ownerId) return undefined
  const { since = now, times = 0 } = before.missing ?? {}
  return { ownerId, missing: { since, times: times + 1 } }
}

/** A name server may be mended, and a record put back, within days. */
export const isMissed = ({ since, times }: NonNullable<Watched['missing']>, now: number): boolean =>
  times >= 3 && now - since >= 2 * day

/** Undefined: nobody can tell now. */
async function asked(proveControl: ProveControl, wiki: WikiRow): Promise<boolean | undefined> {
  try {
    await proveControl(wiki.address, wiki.owner_id)
    return true
  } catch (error) {
    return error instanceof Refusal ? false : undefined
  }
}

async function raise(store: Store, { address, owner_id: ownerId }: WikiRow, since: number): Promise<void> {
  const day = new Date(since).toISOString().slice(0, 10)
  await store.alarms.raise({
    ...{ code: alarm, subject: address, detail: { owner_id: ownerId, since: day } },
    message: `${address} has lacked the DNS record of its owner (user ${String(ownerId)}) since ${day}: the domain may be somebody else’s by now.`,
    mend: 'Ask the owner to publish the record again, which clears this within a day. Where the domain has another holder, give the site to them, or delete it.',
  })
}

async function clearThoseGone(store: Store): Promise<void> {
  for (const { subject } of await store.alarms.open(alarm)) {
    const wiki = await store.wikis.byClaim('fedwiki', subject)
    if (wiki?.custom_domain !== 1 || wiki.status !== 'active') await store.alarms.clear(alarm, subject)
  }
}

/** A wiki that may come back is still known. */
async function forgetThoseGone(store: Store): Promise<void> {
  const names = await store.settings.namesBelow(notes)
  for (let at = 0; at < names.length; at += idsAtOnce) {
    const ids = names.slice(at, at + idsAtOnce).map((name) => Number(name.slice(notes.length)))
    const wikis = await store.wikis.byIds(ids)
    for (const id of ids) {
      if ((wikis.get(id)?.claim ?? null) === null) await store.settings.take(notes + String(id))
    }
  }
}
