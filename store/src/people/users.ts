import { Refusal, type Role } from '@wikistead/contracts'
import { contains } from '../database/contains.ts'
import { localIssuer, newOwnIdentity, type Identity } from './identity.ts'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'
import type { UserRow } from '../database/tables.ts'
import { takeIdentity } from './take-identity.ts'

export interface NewUser {
  readonly name: string
  readonly role: Role
  readonly issuer: string
  /** The OIDC `sub`, or the hub account's id. */
  readonly subject: string
  readonly siteLimit?: number | null
}

export interface UserFilter {
  readonly limit: number
  /** Only users with a greater id. */
  readonly after?: number
  /** Part of a name, or a whole subject. */
  readonly text?: string
}

export type UserChange = Partial<Pick<UserRow, 'name' | 'role' | 'site_limit' | 'wiki_limit'>>

/** People, and the identities they are known by. */
export class Users extends Repository {
  /** The user of that identity, made when there is none, once also when two processes ask at the same time. */
  async ensure(user: NewUser): Promise<UserRow> {
    return (await this.ensureNew(user)).user
  }

  /** The same, and whether they are new. */
  async ensureNew(user: NewUser): Promise<{ readonly user: UserRow; readonly isNew: boolean }> {
    const known = await this.byIdentity(user.issuer, user.subject)
    if (known !== undefined) return { user: known, isNew: false }
    const { insertId } = await this.db
      .insertInto('wikifarm_users')
      .values({
        name: user.name,
        role: user.role,
        site_limit: user.siteLimit ?? null,
        created_at: this.now(),
      })
      .executeTakeFirstOrThrow()
    try {
      await this.db
        .insertInto('wikifarm_identities')
        .values({
          ...{ issuer: user.issuer, subject: user.subject, name: user.name },
          user_id: Number(insertId),
        })
        .execute()
    } catch (error) {
      const quicker = isDuplicate(error) ? await this.byIdentity(user.issuer, user.subject) : undefined
      if (quicker === undefined) throw error
      await this.db.deleteFrom('wikifarm_users').where('user_id', '=', Number(insertId)).execute()
      return { user: quicker, isNew: false }
    }
    return { user: await this.get(Number(insertId)), isNew: true }
  }

  /** @throws Refusal `user_not_found` */
  async get(userId: number): Promise<UserRow> {
    const row = await this.find(userId)
    if (row === undefined) throw new Refusal('user_not_found', `There is no user ${String(userId)}.`)
    return row
  }

  async find(userId: number): Promise<UserRow | undefined> {
    return this.db.selectFrom('wikifarm_users').selectAll().where('user_id', '=', userId).executeTakeFirst()
  }

  async many(userIds: readonly number[]): Promise<Map<number, UserRow>> {
    if (userIds.length === 0) return new Map()
    const rows = await this.db
      .selectFrom('wikifarm_users')
      .selectAll()
      .where('user_id', 'in', [...userIds])
      .execute()
    return new Map(rows.map((row) => [row.user_id, row]))
  }

  /** Holds the user's row until the transaction ends, so that quota and claim are one decision. */
  async lock(userId: number): Promise<UserRow> {
    const query = this.db.selectFrom('wikifarm_users').selectAll().where('user_id', '=', userId)
    const row = await this.locked(query).executeTakeFirst()
    if (row === undefined) throw new Refusal('user_not_found', `There is no user ${String(userId)}.`)
    return row
  }

  /** By their ids, upwards. */
  async list({ limit, after, text }: UserFilter): Promise<UserRow[]> {
    let query = this.db.selectFrom('wikifarm_users').selectAll()
    if (after !== undefined) query = query.where('user_id', '>', after)
    if (text !== undefined) {
      query = query.where((where) =>
        where.or([
          contains('name', text),
          where('user_id', 'in', (select) =>
            select.selectFrom('wikifarm_identities').select('user_id').where('subject', '=', text),
          ),
        ]),
      )
    }
    return query.orderBy('user_id').limit(limit).execute()
  }

  /** Admins that are not blocked, held until the transaction ends: the last one stays one. */
  async lockAdmins(): Promise<UserRow[]> {
    const query = this.db
      .selectFrom('wikifarm_users')
      .selectAll()
      .where('role', '=', 'admin')
      .where('blocked_at', 'is', null)
      .orderBy('user_id')
    return this.locked(query).execute()
  }

  async namesOf(userIds: readonly number[]): Promise<Map<number, string>> {
    if (userIds.length === 0) return new Map()
    const rows = await this.db
      .selectFrom('wikifarm_users')
      .select(['user_id', 'name'])
      .where('user_id', 'in', [...userIds])
      .execute()
    return new Map(rows.map((row) => [row.user_id, row.name]))
  }

  async byIdentity(issuer: string, subject: string): Promise<UserRow | undefined> {
    return this.db
      .selectFrom('wikifarm_users as u')
      .innerJoin('wikifarm_identities as i', 'i.user_id', 'u.user_id')
      .selectAll('u')
      .where('i.issuer', '=', issuer)
      .where('i.subject', '=', subject)
      .executeTakeFirst()
  }

  /**
   * User ids of the identities with these subjects, of these issuers only where any are named. A farm does not say who
   * issued a subject: one that two users have from two issuers is left out, for it could be either's.
   */
  async idsBySubject(
    subjects: readonly string[],
    issuers: readonly string[] = [],
  ): Promise<Map<string, number>> {
    if (subjects.length === 0) return new Map()
    const query = this.db
      .selectFrom('wikifarm_identities')
      .select(['subject', 'user_id'])
      .where('subject', 'in', [...subjects])
    const rows = await (issuers.length === 0 ? query : query.where('issuer', 'in', [...issuers])).execute()
    const ids = new Map(rows.map((row) => [row.subject, row.user_id]))
    for (const { subject, user_id: userId } of rows) if (ids.get(subject) !== userId) ids.delete(subject)
    return ids
  }

  async identities(userId: number): Promise<Identity[]> {
    return this.db
      .selectFrom('wikifarm_identities')
      .select(['issuer', 'subject'])
      .where('user_id', '=', userId)
      .orderBy('issuer')
      .orderBy('subject')
      .execute()
  }

  /** Makes the identity this user's, with what its own user had so far. @throws Refusal `identity_taken`, `busy` */
  async takeIdentity(userId: number, identity: Identity & { readonly name?: string }): Promise<UserRow> {
    const user = await this.lock(userId)
    await takeIdentity(this.db, this, userId, identity)
    if (identity.name !== undefined) await this.nameIdentity(identity, identity.name)
    return user
  }

  /** How the user is known at that issuer; undefined: not at all. */
  async identityAt(
    userId: number,
    issuer: string,
  ): Promise<(Identity & { readonly name: string | null }) | undefined> {
    return this.db
      .selectFrom('wikifarm_identities')
      .select(['issuer', 'subject', 'name'])
      .where('user_id', '=', userId)
      .where('issuer', '=', issuer)
      .orderBy('subject')
      .executeTakeFirst()
  }

  /** The `sub` by which our own OpenID provider names the user; undefined while they have none. */
  async ownSubject(userId: number): Promise<string | undefined> {
    return (await this.identityAt(userId, localIssuer))?.subject
  }

  /** The same, made when there is none. Only inside a transaction. */
  async ensureOwnSubject(userId: number): Promise<string> {
    await this.lock(userId)
    const known = await this.ownSubject(userId)
    if (known !== undefined) return known
    const own = newOwnIdentity()
    await takeIdentity(this.db, this, userId, own)
    return own.subject
  }

  /** Whose subject that is at our own provider. */
  async byOwnSubject(subject: string): Promise<UserRow | undefined> {
    const user = await this.byIdentity(localIssuer, subject)
    // Who has two is named by the first.
    return user !== undefined && (await this.ownSubject(user.user_id)) === subject ? user : undefined
  }

  /** What they are called there now. */
  async nameIdentity({ issuer, subject }: Identity, name: string): Promise<void> {
    await this.db
      .updateTable('wikifarm_identities')
      .set({ name })
      .where('issuer', '=', issuer)
      .where('subject', '=', subject)
      .where((where) => where.or([where('name', 'is', null), where('name', '!=', name)]))
      .execute()
  }

  /** The identities of several users at once. */
  async identitiesOf(userIds: readonly number[]): Promise<Map<number, Identity[]>> {
    const found = new Map(userIds.map((id): [number, Identity[]] => [id, []]))
    if (userIds.length === 0) return found
    const rows = await this.db
      .selectFrom('wikifarm_identities')
      .selectAll()
      .where('user_id', 'in', [...userIds])
      .orderBy('issuer')
      .orderBy('subject')
      .execute()
    for (const { user_id: id, issuer, subject } of rows) found.get(id)?.push({ issuer, subject })
    return found
  }

  async change(userId: number, change: UserChange): Promise<void> {
    await this.db.updateTable('wikifarm_users').set(change).where('user_id', '=', userId).execute()
  }

  /** Who is blocked signs in nowhere. */
  async setBlocked(userId: number, blocked: boolean): Promise<void> {
    await this.db
      .updateTable('wikifarm_users')
      .set({ blocked_at: blocked ? this.now() : null })
      .where('user_id', '=', userId)
      .execute()
  }
}
