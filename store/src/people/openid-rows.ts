import { createHash } from 'node:crypto'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'

export interface OpenidRow {
  /** As it was kept, with `consumed` (seconds since 1970) once it was used. */
  readonly payload: Readonly<Record<string, unknown>>
  /** Of the sign-in to the console that it stands on. */
  readonly sessionHash: string | null
}

export interface KeptOpenidRow {
  readonly payload: Readonly<Record<string, unknown>>
  readonly sessionHash: string | null
  readonly lifetimeMs: number
}

/** What our own OpenID provider keeps, by kind and id. Ids are secrets, and kept as hashes. */
export class OpenidRows extends Repository {
  /** In the place of what was kept under that id before. */
  async keep(kind: string, id: string, { payload, sessionHash, lifetimeMs }: KeptOpenidRow): Promise<void> {
    const rest: Record<string, unknown> = { ...payload }
    delete rest['jti']
    const { grantId, uid } = payload
    const values = {
      payload: JSON.stringify(rest),
      grant_key: typeof grantId === 'string' && kind !== 'Grant' ? hashOf(grantId) : null,
      uid_key: typeof uid === 'string' && kind === 'Session' ? hashOf(uid) : null,
      session_hash: sessionHash,
      expires_at: this.now() + lifetimeMs,
    }
    const rowKey = keyOf(kind, id)
    const update = () =>
      this.db.updateTable('wikifarm_openid_rows').set(values).where('row_key', '=', rowKey).executeTakeFirst()
    if ((await this.#has(rowKey)) && (await update()).numUpdatedRows > 0n) return
    try {
      await this.db
        .insertInto('wikifarm_openid_rows')
        .values({ row_key: rowKey, consumed_at: null, ...values })
        .execute()
    } catch (error) {
      if (!isDuplicate(error)) throw error
      await update()
    }
  }

  async find(kind: string, id: string): Promise<OpenidRow | undefined> {
    const found = await this.#found('row_key', keyOf(kind, id))
    return found && { ...found, payload: { ...found.payload, jti: id } }
  }

  /** A session of the provider by its `uid`; without its id, which nobody needs to know. */
  async findByUid(uid: string): Promise<OpenidRow | undefined> {
    return this.#found('uid_key', hashOf(uid))
  }

  /** False when somebody was quicker: what counts once was used. */
  async consume(kind: string, id: string): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_openid_rows')
      .set({ consumed_at: this.now() })
      .where('row_key', '=', keyOf(kind, id))
      .where('consumed_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async remove(kind: string, id: string): Promise<void> {
    await this.db.deleteFrom('wikifarm_openid_rows').where('row_key', '=', keyOf(kind, id)).execute()
  }

  async removeGrant(grantId: string): Promise<void> {
    await this.db.deleteFrom('wikifarm_openid_rows').where('grant_key', '=', hashOf(grantId)).execute()
  }

  /** At most `limit` of those whose time is over. Returns how many. */
  async forgetExpired(limit: number, now = this.now()): Promise<number> {
    const rows = await this.db
      .selectFrom('wikifarm_openid_rows')
      .select('row_key')
      .where('expires_at', '<=', now)
      .limit(limit)
      .execute()
    const keys = rows.map(({ row_key: key }) => key)
    if (keys.length === 0) return 0
    await this.db.deleteFrom('wikifarm_openid_rows').where('row_key', 'in', keys).execute()
    return keys.length
  }

  async #has(rowKey: string): Promise<boolean> {
    const row = await this.db
      .selectFrom('wikifarm_openid_rows')
      .select('row_key')
      .where('row_key', '=', rowKey)
      .executeTakeFirst()
    return row !== undefined
  }

  async #found(column: 'row_key' | 'uid_key', key: string): Promise<OpenidRow | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_openid_rows')
      .select(['payload', 'session_hash', 'consumed_at'])
      .where(column, '=', key)
      .where('expires_at', '>', this.now())
      .executeTakeFirst()
    if (row === undefined) return undefined
    const payload = JSON.parse(row.payload) as Record<string, unknown>
    const consumed = row.consumed_at === null ? {} : { consumed: Math.floor(row.consumed_at / 1_000) }
    return { payload: { ...payload, ...consumed }, sessionHash: row.session_hash }
  }
}

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex')
const keyOf = (kind: string, id: string): string => `${kind}/${hashOf(id)}`
