import { Refusal, type ChangeUser } from '@wikistead/contracts'
import type { Store, UserRow } from '@wikistead/store'

/**
 * An operator's or an admin's change of somebody, in one transaction with what it hangs on.
 * @throws Refusal `user_not_found`, `forbidden`, `last_admin`
 */
export async function changeUser(
  store: Store,
  actor: UserRow,
  userId: number,
  change: ChangeUser,
): Promise<UserRow> {
  return store.transaction(async (scope) => {
    // Held first, and always in the order of their ids: two admins may be about to demote each other.
    const admins = await scope.users.lockAdmins()
    const user = await scope.users.lock(userId)
    const { role, blocked, ...rest } = change
    requireMayChange(actor, user, change, admins)
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
    const fields = { ...given, ...(role !== undefined && { role }) }
    if (Object.keys(fields).length > 0) await scope.users.change(userId, fields)
    if (blocked !== undefined) {
      await scope.users.setBlocked(userId, blocked)
      if (blocked) await scope.sessions.endAllOf(userId)
    }
    return scope.users.get(userId)
  })
}

function requireMayChange(
  actor: UserRow,
  user: UserRow,
  { role, blocked }: ChangeUser,
  admins: readonly UserRow[],
): void {
  if (role === undefined && blocked === undefined) return
  // As it is now: it may have been taken from them a moment ago.
  const byAdmin = admins.some(({ user_id: id }) => id === actor.user_id)
  if (role !== undefined && !byAdmin) throw new Refusal('forbidden', 'Roles are given by admins of the farm.')
  if (user.role === 'admin' && !byAdmin) throw new Refusal('forbidden', 'Admins are blocked by admins only.')
  const isLastAdmin = admins.length === 1 && admins[0]?.user_id === user.user_id
  if (isLastAdmin && (blocked === true || (role ?? 'admin') !== 'admin')) {
    throw new Refusal('last_admin', `${user.name} is the only admin. Make somebody else one before.`)
  }
  if (actor.user_id === user.user_id) {
    throw new Refusal('forbidden', 'Nobody changes their own role, nor blocks themself. Ask another admin.')
  }
}
