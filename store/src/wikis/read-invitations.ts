import { createHash, randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { ReadInvitationRow } from '../database/tables.ts'
import type { Maker } from '../people/makers.ts'

/** How long an invitation stands, in milliseconds. */
const invitationMs = 7 * 86_400_000
/** As many of one wiki stand at once. */
const mostOfOneWiki = 100

/** Invitations to read a private wiki. Each counts once; of a link's secret, 256 random bits, only the hash is kept. */
export class ReadInvitations extends Repository {
  /** It stands no longer than what makes it. @throws Refusal `rate_limited` where too many stand */
  async make(
    { wiki_id: wikiId, owner_id: ownerId }: { readonly wiki_id: number; readonly owner_id: number },
    { madeBy, madeIn, endsAt }: Maker & { readonly endsAt: number | null },
    now = this.now(),
  ): Promise<{ readonly invitation: ReadInvitationRow; readonly secret: string }> {
    await this.db
      .deleteFrom('wikifarm_read_invitations')
      .where('wiki_id', '=', wikiId)
      .where('expires_at', '<=', now)
      .execute()
    if ((await this.of(wikiId, now)).length >= mostOfOneWiki) {
      throw new Refusal('rate_limited', `${String(mostOfOneWiki)} invitations stand. Withdraw some first.`)
    }
    const secret = randomBytes(32).toString('base64url')
    meetSecret(secret)
    const invitation: ReadInvitationRow = {
      ...{ invitation_id: randomBytes(12).toString('hex'), wiki_id: wikiId, owner_id: ownerId },
      ...{ secret_hash: hashOf(secret), created_at: now },
      expires_at: Math.min(now + invitationMs, endsAt ?? Infinity),
      ...{ made_by: madeBy, made_in: madeIn },
    }
    await this.db.insertInto('wikifarm_read_invitations').values(invitation).execute()
    return { invitation, secret }
  }

  /** Those that stand, the latest first. */
  async of(wikiId: number, now = this.now()): Promise<ReadInvitationRow[]> {
    return this.db
      .selectFrom('wikifarm_read_invitations')
      .selectAll()
      .where('wiki_id', '=', wikiId)
      .where('expires_at', '>', now)
      .orderBy('created_at', 'desc')
      .orderBy('invitation_id')
      .execute()
  }

  /** @throws Refusal `read_link_not_found` when it was used, withdrawn, or its time is over */
  async bySecret(secret: string, now = this.now()): Promise<ReadInvitationRow> {
    const row = await this.db
      .selectFrom('wikifarm_read_invitations')
      .selectAll()
      .where('secret_hash', '=', hashOf(secret))
      .where('expires_at', '>', now)
      .executeTakeFirst()
    if (row !== undefined) return row
    throw new Refusal(
      'read_link_not_found',
      'This invitation was used, was withdrawn, or is over. Ask for another.',
    )
  }

  /** False when it is not there any more: somebody was quicker. */
  async end(wikiId: number, invitationId: string): Promise<boolean> {
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_read_invitations')
      .where('wiki_id', '=', wikiId)
      .where('invitation_id', '=', invitationId)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  /** Back again, as it was: what it was taken for did not come to pass. */
  async giveBack(invitation: ReadInvitationRow): Promise<void> {
    await this.db.insertInto('wikifarm_read_invitations').values(invitation).execute()
  }
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
