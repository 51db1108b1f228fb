/** The second factor of whoever has one: asked for once the password was right, before anybody is signed in. */
import { randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal } from '@wikistead/contracts'
import type { AccountRow, Store } from '@wikistead/store'
import { stepOfCode } from './totp.ts'

const waitMs = 5 * 60_000

/** The secret by which the code is sent. */
export async function askSecondFactor(store: Store, userId: number, fresh: boolean): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  meetSecret(secret)
  await store.once.keep('second_factor', secret, { lifetimeMs: waitMs, userId, detail: { fresh } })
  return secret
}

/** Whose password was right. @throws Refusal `sign_in_failed` */
export async function whoWaits(
  store: Store,
  secret: string,
): Promise<{ readonly userId: number; readonly fresh: boolean }> {
  const kept = await store.once.see('second_factor', secret)
  if (kept?.userId == null) {
    throw new Refusal('sign_in_failed', 'That took too long, or has ended. Begin with the password again.')
  }
  return { userId: kept.userId, fresh: kept.detail['fresh'] === true }
}

/** Uses up a code of the app, or a recovery code. @throws Refusal `second_factor_wrong`, also for one that was used */
export async function takeCode(store: Store, account: AccountRow, code: string): Promise<void> {
  const { user_id: userId, totp_secret: secret } = account
  const digits = code.replaceAll(/\s/g, '')
  if (/^\d{6}$/.test(digits) && secret !== null) {
    const step = stepOfCode(secret, digits, store.now())
    if (step !== undefined && (await store.accounts.takeTotpStep(userId, step))) return
  } else if (await store.recoveryCodes.take(userId, code)) return
  throw new Refusal(
    'second_factor_wrong',
    'This code is not right, or was used before. Wait for the next one of your app, or use a recovery code.',
  )
}

const alphabet = '23456789abcdefghjkmnpqrstvwxyz'
const codes = 10

/** 16 characters of 30, so many times: nobody guesses one. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: codes }, () => {
    const letters = Array.from(randomBytes(64))
      // Each of the 30 as often as the others.
      .filter((byte) => byte < 240)
      .slice(0, 16)
      .map((byte) => alphabet[byte % 30] ?? '')
    const code = letters.join('').replaceAll(/(.{4})(?=.)/g, '$1-')
    meetSecret(code)
    return code
  })
}
