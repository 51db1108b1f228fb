/** Making somebody's account, or opening it anew, in one transaction with the end of their invitation. */
import { randomUUID } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import type { InvitationRow, NewPasskey, Scope, UserRow } from '@wikistead/store'
import { requireUnblocked } from '../sign-in/unblocked.ts'
import { ofAccounts } from './account-settings.ts'

interface Joining {
  /** By which they sign in; left out where the invitation says it, or they have an account. */
  readonly name?: string | undefined
  /** One of both. */
  readonly passwordHash?: string | undefined
  readonly passkey?: NewPasskey | undefined
}

/**
 * @throws Refusal `invalid_request` without a name, `account_name_taken`, `blocked`, `invitation_ended` when somebody was
 * quicker
 */
export async function join(
  scope: Scope,
  invitation: InvitationRow | undefined,
  { name: wanted, passwordHash, passkey }: Joining,
): Promise<UserRow> {
  const userId = invitation?.user_id ?? null
  const known = userId === null ? undefined : await scope.users.lock(userId)
  if (known !== undefined) requireUnblocked(known)
  if (known !== undefined && (await scope.accounts.find(known.user_id)) !== undefined) {
    // Whoever chooses a passkey has no password that somebody else may know.
    await scope.accounts.change(known.user_id, { password_hash: passwordHash ?? null })
    if (invitation?.invited_by != null) await endSecondFactor(scope, known.user_id)
    // Whoever had got in is out.
    await scope.sessions.revokeAllOf(known.user_id)
  } else {
    const name = wanted ?? invitation?.name ?? known?.name
    if (name == null) throw new Refusal('invalid_request', 'Say by which name you want to sign in.')
    const { user_id: id } = known ?? (await newUser(scope, name, invitation?.role ?? 'member'))
    await scope.accounts.add({
      userId: id,
      name,
      mail: invitation?.mail ?? null,
      passwordHash: passwordHash ?? null,
    })
    return ended(scope, invitation, id, passkey)
  }
  return ended(scope, invitation, known.user_id, passkey)
}

/** Also of whoever has lost it: an admin vouches for them. */
async function endSecondFactor({ accounts, recoveryCodes }: Scope, userId: number): Promise<void> {
  await accounts.change(userId, { totp_secret: null, totp_since: null })
  await recoveryCodes.removeAllOf(userId)
}

/** A member who signs in by an account of ours. */
export async function newUser(
  { users }: Pick<Scope, 'users'>,
  name: string,
  role: UserRow['role'],
): Promise<UserRow> {
  return users.ensure({ name, role, issuer: ofAccounts, subject: randomUUID() })
}

async function ended(
  { invitations, passkeys, users }: Scope,
  invitation: InvitationRow | undefined,
  userId: number,
  passkey: NewPasskey | undefined,
): Promise<UserRow> {
  if (passkey !== undefined) await passkeys.add(userId, passkey)
  if (invitation !== undefined) await invitations.join(invitation.invitation_id, userId)
  await invitations.withdrawAllOf(userId)
  return users.get(userId)
}
