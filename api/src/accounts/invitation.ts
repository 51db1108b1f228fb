/** Whether an invitation still counts: as much as whoever made it may still give. */
import { Refusal } from '@wikistead/contracts'
import type { InvitationRow, Store } from '@wikistead/store'
import { rankOf } from '../access/acting.ts'

/** @throws Refusal `invitation_ended` */
export async function requireInvitation(
  store: Pick<Store, 'invitations' | 'users'>,
  secret: string,
): Promise<InvitationRow> {
  const invitation = await store.invitations.bySecret(secret)
  const { invited_by: by, role } = invitation
  if (by === null) return invitation
  const inviter = await store.users.find(by)
  const mayStill =
    inviter !== undefined &&
    inviter.blocked_at === null &&
    rankOf(inviter.role) >= rankOf('operator') &&
    rankOf(inviter.role) >= rankOf(role)
  if (mayStill) return invitation
  throw new Refusal(
    'invitation_ended',
    'Whoever sent this invitation may invite nobody any more. Ask another.',
  )
}
