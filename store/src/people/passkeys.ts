import { createHash } from 'node:crypto'
import { Refusal } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'
import type { PasskeyRow } from '../database/tables.ts'

/** A public key that an authenticator made; ids and keys are Base64url. */
export interface NewPasskey {
  readonly credentialId: string
  readonly publicKey: string
  readonly counter: number
  readonly transports: readonly string[]
  /** What its user calls it. */
  readonly label: string
}

/** By which people sign in without a password. */
export class Passkeys extends Repository {
  /** @throws Refusal `passkey_invalid` when somebody has it already */
  async add(userId: number, { credentialId, publicKey, ...passkey }: NewPasskey): Promise<void> {
    try {
      await this.db
        .insertInto('wikifarm_passkeys')
        .values({
          ...{ passkey_id: idOf(credentialId), user_id: userId, credential_id: credentialId },
          ...{ public_key: publicKey, counter: passkey.counter, transports: passkey.transports.join(' ') },
          ...{ label: passkey.label, created_at: this.now(), used_at: null },
        })
        .execute()
    } catch (error) {
      if (!isDuplicate(error)) throw error
      throw new Refusal('passkey_invalid', 'This passkey signs in to an account already.')
    }
  }

  /** The oldest first. */
  async of(userId: number): Promise<PasskeyRow[]> {
    return this.db
      .selectFrom('wikifarm_passkeys')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('created_at')
      .orderBy('passkey_id')
      .execute()
  }

  async byCredential(credentialId: string): Promise<PasskeyRow | undefined> {
    return this.db
      .selectFrom('wikifarm_passkeys')
      .selectAll()
      .where('passkey_id', '=', idOf(credentialId))
      .executeTakeFirst()
  }

  async used({ passkey_id: id }: PasskeyRow, counter: number): Promise<void> {
    await this.db
      .updateTable('wikifarm_passkeys')
      .set({ counter, used_at: this.now() })
      .where('passkey_id', '=', id)
      .execute()
  }

  /** @throws Refusal `passkey_not_found` */
  async remove(userId: number, passkeyId: string): Promise<void> {
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_passkeys')
      .where('user_id', '=', userId)
      .where('passkey_id', '=', passkeyId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new Refusal('passkey_not_found', 'You have no such passkey.')
  }
}

const idOf = (credentialId: string): string => createHash('sha256').update(credentialId).digest('hex')
