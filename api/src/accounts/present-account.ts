import type { Account } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'

const time = (ms: number): string => new Date(ms).toISOString()

/** How somebody signs in, as they are shown it; null: by no account of ours. */
export async function presentAccount(store: Store, userId: number): Promise<Account | null> {
  const row = await store.accounts.find(userId)
  if (row === undefined) return null
  const passkeys = await store.passkeys.of(userId)
  return {
    ...{ name: row.name, mail: row.mail, has_password: row.password_hash !== null },
    passkeys: passkeys.map(({ passkey_id: id, label, created_at: made, used_at: used }) => ({
      ...{ id, label, created_at: time(made), used_at: used === null ? null : time(used) },
    })),
    second_factor:
      row.totp_since === null
        ? null
        : { since: time(row.totp_since), recovery_codes: await store.recoveryCodes.count(userId) },
  }
}
