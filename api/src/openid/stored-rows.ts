/**
 * What `oidc-provider` keeps, in our store. One rule beside its own: what stands on a sign-in to the console counts as long
 * as that sign-in does. So who is blocked, or signed out everywhere, is signed out here with the same row.
 */
import type { Store } from '@wikistead/store'
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider'
import { clientMetadata } from './client-metadata.ts'
import { currentContext } from './request-context.ts'

export class StoredRows implements Adapter {
  readonly #store: Store
  readonly #kind: string

  constructor(store: Store, kind: string) {
    this.#store = store
    this.#kind = kind
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    await this.#store.openidRows.keep(this.#kind, id, {
      payload: payload,
      sessionHash: currentContext()?.standsOn ?? null,
      lifetimeMs: expiresIn * 1_000,
    })
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.#kind === 'Client') {
      const client = await this.#store.openidClients.find(id)
      return client && clientMetadata(client)
    }
    const row = await this.#store.openidRows.find(this.#kind, id)
    if (row === undefined || !(await this.#stands(row.sessionHash))) return undefined
    const context = currentContext()
    if (this.#kind === 'Session' && row.sessionHash !== context?.browserSession) return undefined
    if (context !== undefined && context.browserSession === undefined) context.standsOn = row.sessionHash
    return row.payload
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const row = await this.#store.openidRows.findByUid(uid)
    return row !== undefined && (await this.#stands(row.sessionHash)) ? row.payload : undefined
  }

  /** There are no devices. */
  async findByUserCode(): Promise<undefined> {
    return undefined
  }

  async consume(id: string): Promise<void> {
    if (await this.#store.openidRows.consume(this.#kind, id)) return
    throw new errors.InvalidGrant('it was used before')
  }

  async destroy(id: string): Promise<void> {
    await this.#store.openidRows.remove(this.#kind, id)
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    await this.#store.openidRows.removeGrant(grantId)
  }

  async #stands(sessionHash: string | null): Promise<boolean> {
    if (sessionHash === null) return this.#kind === 'Interaction'
    return (await this.#store.sessions.standing([sessionHash])).has(sessionHash)
  }
}
