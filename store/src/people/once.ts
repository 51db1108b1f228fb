import { createHash } from 'node:crypto'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'

/** What a secret is for: a secret made for one thing is nothing for another. */
export type OncePurpose =
  | 'first_sign_in'
  | 'local_link'
  | 'sign_in'
  | 'hub_link'
  | 'hub_link_vouched'
  | 'hub_sign_in'
  | 'hub_sign_in_vouched'
  | 'wiki_readers'
  | 'service_token'
  | 'logout_token'
  /** A browser in which somebody has signed in to their account before. */
  | 'known_browser'
  /** The password was right, and the second factor is still asked for. */
  | 'second_factor'
  /** What a passkey has to sign. */
  | 'passkey_challenge'

export interface KeptOnce {
  readonly detail: Record<string, unknown>
  readonly userId: number | null
}

/** Secrets that count once. They are kept as hashes, until they are taken or their time is over. */
export class Once extends Repository {
  /** False when it was kept before. */
  async keep(
    purpose: OncePurpose,
    secret: string,
    {
      lifetimeMs,
      detail = {},
      userId = null,
    }: {
      readonly lifetimeMs: number
      readonly detail?: Readonly<Record<string, unknown>>
      readonly userId?: number | null
    },
    now = this.now(),
  ): Promise<boolean> {
    try {
      await this.db
        .insertInto('wikifarm_once')
        .values({
          once_key: keyOf(purpose, secret),
          ...{ detail: JSON.stringify(detail), user_id: userId },
          ...{ created_at: now, expires_at: now + lifetimeMs },
        })
        .execute()
      return true
    } catch (error) {
      if (isDuplicate(error)) return false
      throw error
    }
  }

  /** What is kept under the secret; it stays. Nothing when it has expired. */
  async see(purpose: OncePurpose, secret: string, now = this.now()): Promise<KeptOnce | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_once')
      .selectAll()
      .where('once_key', '=', keyOf(purpose, secret))
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return row && { detail: JSON.parse(row.detail) as Record<string, unknown>, userId: row.user_id }
  }

  /** What was kept under the secret, for one of all who ask; nothing when it has expired. */
  async take(purpose: OncePurpose, secret: string, now = this.now()): Promise<KeptOnce | undefined> {
    const key = keyOf(purpose, secret)
    const row = await this.db
      .selectFrom('wikifarm_once')
      .selectAll()
      .where('once_key', '=', key)
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_once')
      .where('once_key', '=', key)
      .executeTakeFirst()
    if (numDeletedRows === 0n || row.expires_at <= now) return undefined
    return keptOf(row)
  }

  /** As `take`, and it stays: for work that may be begun several times. */
  async find(purpose: OncePurpose, secret: string, now = this.now()): Promise<KeptOnce | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_once')
      .selectAll()
      .where('once_key', '=', keyOf(purpose, secret))
      .executeTakeFirst()
    return row === undefined || row.expires_at <= now ? undefined : keptOf(row)
  }

  async forgetExpired(now = this.now()): Promise<void> {
    await this.db.deleteFrom('wikifarm_once').where('expires_at', '<=', now).execute()
  }
}

const keptOf = ({
  detail,
  user_id: userId,
}: {
  readonly detail: string
  readonly user_id: number | null
}) => ({
  detail: JSON.parse(detail) as Record<string, unknown>,
  userId,
})

const keyOf = (purpose: OncePurpose, secret: string): string =>
  `${purpose}/${createHash('sha256').update(secret).digest('hex')}`
