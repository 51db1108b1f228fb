import { createHash, randomBytes } from 'node:crypto'
import { tokenScopes, type TokenScope } from '@wikistead/contracts'
import { Repository } from './repository.ts'
import type { UserRow } from './tables.ts'

export interface NewToken {
  readonly label: string
  /** All that its user may do when left out. */
  readonly scopes?: readonly TokenScope[]
  readonly expiresAt?: number | null
}

/** A token that holds, and whom it acts for. */
export interface HeldToken {
  readonly user: UserRow
  readonly tokenHash: string
  /** null: all that the user may do. */
  readonly scopes: readonly TokenScope[] | null
  readonly expiresAt: number | null
  readonly usedAt: number | null
}

/** What acts for users who are not there themselves. Only hashes are kept. */
export class Tokens extends Repository {
  /** Makes a token; what is given back is the only copy of it. */
  async issue(userId: number, token: NewToken): Promise<string> {
    const secret = randomBytes(32).toString('base64url')
    await this.adopt(userId, secret, token)
    return secret
  }

  /** Lets a secret made elsewhere (the data folder's bootstrap token) act for the user. */
  async adopt(userId: number, secret: string, { label, scopes, expiresAt = null }: NewToken): Promise<void> {
    const token_hash = hashToken(secret)
    const held = {
      ...{ user_id: userId, label, created_at: Date.now(), expires_at: expiresAt },
      scopes: scopes === undefined ? null : scopes.join(' '),
    }
    const insert = this.db.insertInto('wikifarm_tokens').values({ token_hash, ...held })
    await (
      this.engine === 'mariadb'
        ? insert.onDuplicateKeyUpdate(held)
        : insert.onConflict((conflict) => conflict.column('token_hash').doUpdateSet(held))
    ).execute()
  }

  async find(secret: string): Promise<HeldToken | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_users as u')
      .innerJoin('wikifarm_tokens as t', 't.user_id', 'u.user_id')
      .selectAll('u')
      .select(['t.token_hash', 't.scopes', 't.expires_at', 't.used_at'])
      .where('t.token_hash', '=', hashToken(secret))
      .where((where) => where.or([where('t.expires_at', 'is', null), where('t.expires_at', '>', Date.now())]))
      .executeTakeFirst()
    if (row === undefined) return undefined
    const { token_hash: tokenHash, scopes, expires_at: expiresAt, used_at: usedAt, ...user } = row
    return { user, tokenHash, scopes: scopesOf(scopes), expiresAt, usedAt }
  }
}

const scopesOf = (scopes: string | null): TokenScope[] | null =>
  scopes === null ? null : scopes.split(' ').filter((scope): scope is TokenScope => isScope(scope))

const isScope = (scope: string): boolean => tokenScopes.some((known) => known === scope)

/** Tokens are 256 random bits, so one round of SHA-256 keeps them as safe as a slow hash would. */
const hashToken = (secret: string): string => createHash('sha256').update(secret).digest('hex')
