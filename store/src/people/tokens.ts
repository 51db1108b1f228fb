import { createHash, randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal, tokenScopes, type TokenScope } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { TokenRow, UserRow } from '../database/tables.ts'
import {
  earliest,
  endMade,
  endOf,
  lowest,
  madeByNobody,
  ofDataFolder,
  reachOf,
  roleOfVoucher,
  type Maker,
  type Reach,
} from './makers.ts'

export interface NewToken {
  readonly label: string
  /** All that its user may do when left out. */
  readonly scopes?: readonly TokenScope[]
  readonly expiresAt?: number | null
  /** What makes it; nobody when left out. */
  readonly maker?: Maker
  /** Who makes it, for somebody else: it ranks no higher than they do. */
  readonly vouchedBy?: number
}

/** A token that holds, and whom it acts for. */
export interface HeldToken {
  /** With the least role of all who had a part in it. */
  readonly user: UserRow
  readonly tokenHash: string
  /** null: all that the user may do. */
  readonly scopes: readonly TokenScope[] | null
  readonly usedAt: number | null
  /** Until when it acts, as far as that is known; and how long the line of its makers is. */
  readonly endsAt: number | null
  readonly depth: number
  /** It is the token of a data folder: who has it owns the machine. */
  readonly isOfDataFolder: boolean
}

/** What is known of a token's last use is this old at most. */
const usedEveryMs = 60_000

/** What acts for users who are not there themselves. Only hashes are kept. */
export class Tokens extends Repository {
  /** Makes a token; what is given back is the only copy of it. */
  async issue(userId: number, token: NewToken): Promise<string> {
    return (await this.issueRow(userId, token)).secret
  }

  /** The same, with how it is listed. */
  async issueRow(
    userId: number,
    token: NewToken,
  ): Promise<{ readonly secret: string; readonly row: TokenRow }> {
    const secret = randomBytes(32).toString('base64url')
    meetSecret(secret)
    const { label, scopes, expiresAt = null, maker = madeByNobody, vouchedBy = null } = token
    await this.db
      .insertInto('wikifarm_tokens')
      .values({
        ...{ token_hash: hashToken(secret), user_id: userId, label, created_at: this.now() },
        ...{ expires_at: expiresAt, scopes: scopes === undefined ? null : scopes.join(' ') },
        ...{ made_by: maker.madeBy, made_in: maker.madeIn, vouched_by: vouchedBy },
      })
      .execute()
    const row = await this.db
      .selectFrom('wikifarm_tokens')
      .selectAll()
      .where('token_hash', '=', hashToken(secret))
      .executeTakeFirstOrThrow()
    return { secret, row }
  }

  /** Lets a data folder's own secret (the bootstrap token) act for the user; once more puts its end off. */
  async adopt(
    userId: number,
    secret: string,
    { label, expiresAt = null }: Pick<NewToken, 'label' | 'expiresAt'>,
  ): Promise<void> {
    const token_hash = hashToken(secret)
    const held = {
      ...{ user_id: userId, label, created_at: this.now(), expires_at: expiresAt },
      ...{ scopes: null, made_by: ofDataFolder },
    }
    const insert = this.db.insertInto('wikifarm_tokens').values({ token_hash, ...held })
    await (
      this.engine === 'mariadb'
        ? insert.onDuplicateKeyUpdate(held)
        : insert.onConflict((conflict) => conflict.column('token_hash').doUpdateSet(held))
    ).execute()
  }

  /** Ends what `adopt` began. What it made acts again once it does. */
  async disown(secret: string): Promise<void> {
    await this.db.deleteFrom('wikifarm_tokens').where('token_hash', '=', hashToken(secret)).execute()
  }

  async find(secret: string): Promise<HeldToken | undefined> {
    const hash = hashToken(secret)
    return (await this.standing([hash])).get(hash)
  }

  /** Those of them that act, by their hashes. */
  async standing(hashes: readonly string[]): Promise<Map<string, HeldToken>> {
    const held = new Map<string, HeldToken>()
    if (hashes.length === 0) return held
    const now = this.now()
    const rows = await this.db
      .selectFrom('wikifarm_users as u')
      .innerJoin('wikifarm_tokens as t', 't.user_id', 'u.user_id')
      .selectAll('u')
      .select(['t.token_hash', 't.scopes', 't.expires_at', 't.used_at', 't.made_by', 't.vouched_by'])
      .where('t.token_hash', 'in', [...hashes])
      .where((where) => where.or([where('t.expires_at', 'is', null), where('t.expires_at', '>', now)]))
      .execute()
    for (const row of rows) {
      const token = await this.#held(row, now)
      if (token !== undefined) held.set(row.token_hash, token)
    }
    return held
  }

  /** With what made it, which most of them have not. */
  async #held(row: FoundToken, now: number): Promise<HeldToken | undefined> {
    const { token_hash: tokenHash, scopes, expires_at, used_at: usedAt, made_by, vouched_by, ...user } = row
    const reach = await reachOf(this.db, made_by, now)
    const vouching = vouched_by === null ? user.role : await roleOfVoucher(this.db, vouched_by)
    if (reach === undefined || vouching === undefined) return undefined
    return {
      user: { ...user, role: lowest(reach.role, lowest(vouching, user.role)) },
      ...{ tokenHash, scopes: scopesOf(scopes), usedAt, depth: reach.depth },
      endsAt: earliest(endOf({ expires_at, made_by }), reach.endsAt),
      isOfDataFolder: made_by === ofDataFolder,
    }
  }

  /** How far something may reach that the token made; undefined: it acts no more. */
  async reachOfMadeBy(tokenHash: string | null): Promise<Reach | undefined> {
    return reachOf(this.db, tokenHash, this.now())
  }

  /** Notes that it acted. Writes once a minute at most. */
  async used({ tokenHash, usedAt }: HeldToken, from: string, now = this.now()): Promise<void> {
    if (usedAt !== null && now - usedAt < usedEveryMs) return
    await this.db
      .updateTable('wikifarm_tokens')
      .set({ used_at: now, used_from: from })
      .where('token_hash', '=', tokenHash)
      .execute()
  }

  /**
   * Holds the user's row until the transaction ends, and takes one more token for them.
   * @throws Refusal `too_many_tokens`
   */
  async requireRoom(userId: number, most: number): Promise<void> {
    const user = this.db.selectFrom('wikifarm_users').select('user_id').where('user_id', '=', userId)
    await this.locked(user).executeTakeFirst()
    const held = await this.of(userId)
    if (held.length < most) return
    throw new Refusal(
      'too_many_tokens',
      `You have ${String(held.length)} tokens, which is as many as one may. Revoke one that you do not use.`,
    )
  }

  /** Those that have not expired, the latest first. */
  async of(userId: number, now = this.now()): Promise<TokenRow[]> {
    return this.db
      .selectFrom('wikifarm_tokens')
      .selectAll()
      .where('user_id', '=', userId)
      .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
      .orderBy('created_at', 'desc')
      .orderBy('token_hash')
      .execute()
  }

  /** With all that it made. @throws Refusal `token_not_found` when the user has no such token */
  async revoke(userId: number, id: string): Promise<void> {
    const row = await this.db
      .selectFrom('wikifarm_tokens')
      .select('token_hash')
      .where('user_id', '=', userId)
      .where('token_hash', 'like', `${/^[\da-f]{32}$/.test(id) ? id : '-'}%`)
      .executeTakeFirst()
    if (row === undefined) {
      throw new Refusal('token_not_found', 'There is no such token of yours, or it has expired.')
    }
    const { token_hash: hash } = row
    await this.db.deleteFrom('wikifarm_tokens').where('token_hash', '=', hash).execute()
    await endMade(this.db, { tokens: [hash] }, this.now())
  }

  async forgetExpired(now = this.now()): Promise<void> {
    await this.db.deleteFrom('wikifarm_tokens').where('expires_at', '<=', now).execute()
  }
}

interface FoundToken
  extends
    UserRow,
    Pick<TokenRow, 'token_hash' | 'scopes' | 'expires_at' | 'used_at' | 'made_by' | 'vouched_by'> {}

/** What a token is called in lists: it leads to no secret. */
export const tokenId = ({ token_hash: hash }: Pick<TokenRow, 'token_hash'>): string => hash.slice(0, 32)

export const scopesOf = (scopes: string | null): TokenScope[] | null =>
  scopes === null ? null : scopes.split(' ').filter((scope): scope is TokenScope => isScope(scope))

const isScope = (scope: string): boolean => tokenScopes.some((known) => known === scope)

/** Tokens are 256 random bits, so one round of SHA-256 keeps them as safe as a slow hash would. */
const hashToken = (secret: string): string => createHash('sha256').update(secret).digest('hex')
