/**
 * `wikistead rotate wiki-database-passwords`: what is wanted stands in the store, each host sees to its own wikis, and says how
 * far it is. Nothing is lost by a command that ends, or a host that is away.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RenewedPasswords } from '@wikistead/mediawiki'
import type { Store } from '@wikistead/store'
import { tellAudit } from './rotate-secret.ts'

const wishNote = 'wiki_passwords'
const hostNote = (host: string): string => `wiki_passwords/${host}`.slice(0, 190)

/** What a host has seen to. */
export interface HostState extends RenewedPasswords {
  /** As it was wanted then. */
  readonly before: number
}

/** Every wiki's password from before then is to be another, in milliseconds since 1970; undefined while none is. */
export async function wantedBefore(store: Store): Promise<number | undefined> {
  const before = Number((await store.settings.get(wishNote)) ?? 'none')
  return Number.isFinite(before) ? before : undefined
}

export async function tellHostState(store: Store, host: string, state: HostState): Promise<void> {
  await store.settings.set(hostNote(host), JSON.stringify(state))
}

/** What was wanted last, if the host has seen to it: it need not look again. */
export async function hostState(store: Store, host: string): Promise<HostState | undefined> {
  const note = await store.settings.get(hostNote(host))
  return note === undefined ? undefined : (JSON.parse(note) as HostState)
}

export const isOver = ({ waiting, left }: HostState): boolean => waiting + left === 0

/** From now on; one that is under way is gone on with and counts for this. */
export async function wantOtherPasswords(store: Store): Promise<number> {
  const before = store.now()
  await store.settings.set(wishNote, String(before))
  await tellAudit(store, 'rotate begun', 'wiki-database-passwords')
  return before
}

export interface HostProgress {
  readonly host: string
  readonly wikis: number
  /** Undefined while it has not begun. */
  readonly state: HostState | undefined
}

/** Of every host that holds wikis. */
async function passwordProgress(store: Store, before: number): Promise<readonly HostProgress[]> {
  const hosts = (await store.hosts.list()).filter(({ wikis }) => wikis > 0)
  return Promise.all(
    hosts.map(async ({ host, wikis }) => {
      const state = await hostState(store, host)
      return { host, wikis, state: state !== undefined && state.before >= before ? state : undefined }
    }),
  )
}

/** Until every host is done. */
export async function followPasswords(
  store: Store,
  before: number,
  onProgress: (progress: readonly HostProgress[]) => void,
): Promise<void> {
  let told = ''
  for (;;) {
    const progress = await passwordProgress(store, before)
    if (JSON.stringify(progress) !== told) onProgress(progress)
    told = JSON.stringify(progress)
    if (progress.every(({ state }) => state !== undefined && isOver(state))) break
    await sleep(1_000)
  }
  await tellAudit(store, 'rotate ended', 'wiki-database-passwords')
}
