import { createHash, randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal, type Role } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { InvitationRow } from '../database/tables.ts'
import { reachOf, type Maker } from './makers.ts'

export interface NewInvitation {
  /** To whom it is mailed; null: somebody else brings the link. */
  readonly mail: string | null
  readonly name: string | null
  readonly role: Role
  /** Whose account it opens; null: somebody new. */
  readonly userId: number | null
  /** null: they asked for it themself. */
  readonly invitedBy: number | null
  readonly maker: Maker
  readonly expiresAt: number
}

/**
 * One-time links by which people get an account, or into theirs again. The secret is 256 random bits, of which only the
 * hash is kept. One ends once: somebody joins by it, it is withdrawn, its time is over, or what made it ends.
 */
export class Invitations extends Repository {
  async add(invitation: NewInvitation): Promise<{ readonly row: InvitationRow; readonly secret: string }> {
    const secret = randomBytes(32).toString('base64url')
    meetSecret(secret)
    const row: InvitationRow = {
      ...{ invitation_id: randomBytes(12).toString('hex'), secret_hash: hashOf(secret) },
      ...{ mail: invitation.mail, name: invitation.name, role: invitation.role },
      ...{ user_id: invitation.userId, invited_by: invitation.invitedBy },
      ...{ made_by: invitation.maker.madeBy, made_in: invitation.maker.madeIn },
      ...{ created_at: this.now(), expires_at: invitation.expiresAt, ended_at: null, joined_id: null },
    }
    await this.db.insertInto('wikifarm_invitations').values(row).execute()
    return { row, secret }
  }

  /** Those that somebody may still join by, the latest first. */
  async open(now = this.now()): Promise<InvitationRow[]> {
    return this.db
      .selectFrom('wikifarm_invitations')
      .selectAll()
      .where('expires_at', '>', now)
      .where('ended_at', 'is', null)
      .orderBy('created_at', 'desc')
      .orderBy('invitation_id')
      .limit(500)
      .execute()
  }

  /** The open one of that link. @throws Refusal `invitation_ended` */
  async bySecret(secret: string, now = this.now()): Promise<InvitationRow> {
    const row = await this.db
      .selectFrom('wikifarm_invitations')
      .selectAll()
      .where('secret_hash', '=', hashOf(secret))
      .where('expires_at', '>', now)
      .where('ended_at', 'is', null)
      .executeTakeFirst()
    if (row === undefined || (await reachOf(this.db, row.made_by, now)) === undefined) throw ended()
    return row
  }

  /** Within a transaction, for one of all who come by it. @throws Refusal `invitation_ended` */
  async join(invitationId: string, userId: number): Promise<void> {
    if (!(await this.#end(invitationId, userId))) throw ended()
  }

  /** @throws Refusal `invitation_ended` */
  async withdraw(invitationId: string): Promise<void> {
    if (!(await this.#end(invitationId, null))) throw ended()
  }

  /** The other links to this user's account. */
  async withdrawAllOf(userId: number): Promise<void> {
    await this.db
      .updateTable('wikifarm_invitations')
      .set({ ended_at: this.now() })
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .execute()
  }

  async forgetEnded(now = this.now()): Promise<void> {
    await this.db.deleteFrom('wikifarm_invitations').where('expires_at', '<=', now).execute()
  }

  async #end(invitationId: string, joinedId: number | null): Promise<boolean> {
    const now = this.now()
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_invitations')
      .set({ ended_at: now, joined_id: joinedId })
      .where('invitation_id', '=', invitationId)
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
}

const hashOf = (value: string): string => createHash('sha256').update(value).digest('hex')

const ended = (): Refusal =>
  new Refusal(
    'invitation_ended',
    'This invitation was used already, was withdrawn, or is too old. Ask whoever sent it for another.',
  )
