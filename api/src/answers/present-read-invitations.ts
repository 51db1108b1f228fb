import type { ReadInvitation } from '@wikistead/contracts'
import type { ReadInvitationRow } from '@wikistead/store'

export const presentReadInvitation = ({
  invitation_id: id,
  created_at: created,
  expires_at: expires,
}: ReadInvitationRow): ReadInvitation => ({
  id,
  created_at: new Date(created).toISOString(),
  expires_at: new Date(expires).toISOString(),
})
