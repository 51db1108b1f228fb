/**
 * The passwords of a host's wikis in MariaDB, when an operator wants other ones (`wikistead rotate wiki-database-passwords`):
 * one wiki after the other, none that a task is at work on. Who is signed in stays so: what that follows from is kept.
 */
import { join } from 'node:path'
import { letBothIn, letOneIn, nextPasswordStep, type PasswordState } from '../database/renew-password.ts'
import { changePubwikiIni, newPassword, readIniValues } from '../ini/pubwiki-file.ts'
import { databaseName } from '../names/slug.ts'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { madeWikis } from './made-wikis.ts'

export interface PasswordWish {
  /** Every password from before then is to be another, in milliseconds since 1970. */
  readonly before: number
  /** For so long whoever read the old one may still use it. */
  readonly graceMs: number
}

export interface RenewedPasswords {
  readonly done: number
  /** Both passwords of these are let in until the old one goes. */
  readonly waiting: number
  /** At work, or failed: tried again. */
  readonly left: number
}

const keys = {
  used: 'WIKI_DB_PASSWORD',
  next: 'WIKI_DB_NEXT_PASSWORD',
  since: 'WIKI_DB_PASSWORD_SINCE',
  secret: 'WIKI_SECRET_KEY',
} as const

type Deps = Pick<MediaWikiDeps, 'store' | 'server' | 'folders' | 'log'>

/** Every wiki comes as far as it can. */
export async function renewPasswordsOfHost(
  deps: Deps,
  host: string,
  wish: PasswordWish,
  signal: AbortSignal,
): Promise<RenewedPasswords> {
  const count = { done: 0, waiting: 0, left: 0 }
  for await (const { address: slug, task_id: heldBy, created_at: madeAt } of madeWikis(deps.store, host)) {
    signal.throwIfAborted()
    try {
      count[await renewOne(deps, { slug, madeAt, isHeld: heldBy !== null }, wish, signal)] += 1
    } catch (error) {
      if (signal.aborted) throw error
      count.left += 1
      deps.log.warn(
        { err: error, slug },
        'the wiki’s database password could not be changed; it is tried again',
      )
    }
  }
  return count
}

interface Wiki {
  readonly slug: string
  readonly madeAt: number
  readonly isHeld: boolean
}

async function renewOne(
  { store, server, folders }: Deps,
  { slug, madeAt, isHeld }: Wiki,
  { before, graceMs }: PasswordWish,
  signal: AbortSignal,
): Promise<keyof RenewedPasswords> {
  const folder = join(folders.wikis, slug)
  const database = databaseName(slug)
  for (;;) {
    const state = await read(folder)
    // A wiki that is gone, or whose password nobody wrote.
    if (state === undefined) return 'done'
    const { used, next = used, secret } = state
    const step = nextPasswordStep(state, { before, now: store.now(), madeAt, graceMs })
    if (step === 'done') return 'done'
    if (step === 'wait') return 'waiting'
    // A script may have read the old one.
    if (isHeld) return 'left'
    if (step === 'begin') {
      await changePubwikiIni(folder, { [keys.next]: newPassword() })
    } else if (step === 'use') {
      await letBothIn(server, database, { old: used, next }, { signal })
      const kept = secret === undefined ? { [keys.secret]: used } : {}
      await changePubwikiIni(folder, { ...kept, [keys.used]: next, [keys.since]: String(store.now()) })
    } else {
      await letOneIn(server, database, used, { signal })
      await changePubwikiIni(folder, { [keys.next]: undefined })
      return 'done'
    }
  }
}

async function read(folder: string): Promise<(PasswordState & { readonly secret?: string }) | undefined> {
  const said = await readIniValues(folder, Object.values(keys)).catch(() => undefined)
  const text = (key: string): string | undefined => {
    const value = said?.[key]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const [used, since, secret] = [text(keys.used), Number(text(keys.since) ?? 0), text(keys.secret)]
  if (used === undefined) return undefined
  return { used, next: text(keys.next), since, ...(secret !== undefined && { secret }) }
}
