/**
 * The keys that our own provider signs with. They are in the store, so that every API tells of all of them; the private half
 * is sealed with a key that is in the data folder of the API which made it, and each signs with its own. A new one is told of
 * before it is used, and an old one for as long as something stands that it signed.
 */
import {
  createCipheriv,
  createDecipheriv,
  generateKeyPair,
  hkdfSync,
  randomBytes,
  randomUUID,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { OpenidKeyRow, Store } from '@wikistead/store'
import type { JWK } from 'oidc-provider'
import { planKeys } from './plan-keys.ts'

const makeKeyPair = promisify(generateKeyPair)

/** When the keys of before are to be others: a note of the store, in milliseconds since 1970. */
export const keysWantedNote = 'openid_keys_wanted'

export class SigningKeys {
  readonly #store: Store
  readonly #seal: Buffer

  /** @param sealingKey a secret that only this data folder has */
  constructor(store: Store, sealingKey: string) {
    this.#store = store
    this.#seal = Buffer.from(hkdfSync('sha256', sealingKey, '', 'wikistead openid keys 1', 32))
  }

  /** The one to sign with now. Makes what is due, and puts off the end of what is in use. */
  async signing(): Promise<JWK> {
    const now = this.#store.now()
    const own = (await this.#store.openidKeys.all()).filter((row) => this.#open(row) !== undefined)
    const wanted = Number((await this.#store.settings.get(keysWantedNote)) ?? 0)
    const { make, expire } = planKeys(own, { now, wanted })
    const made = make === undefined ? [] : [await this.#make(make)]
    for (const { kid, at } of expire) await this.#store.openidKeys.expireAt(kid, at)
    const usable = [...own, ...made].filter(({ signs_from: from }) => from <= now)
    const jwk = usable.length === 0 ? undefined : this.#open(usable.reduce(later))
    if (jwk === undefined) throw new Error('there is no key to sign with')
    return jwk
  }

  /** The public halves of all that anything may have been signed with, or soon will be. */
  async everybodys(): Promise<JWK[]> {
    return (await this.#store.openidKeys.all()).map(({ public_jwk: jwk }) => JSON.parse(jwk) as JWK)
  }

  async #make({ signsFrom, expiresAt }: { signsFrom: number; expiresAt: number }): Promise<OpenidKeyRow> {
    const { privateKey, publicKey } = await makeKeyPair('rsa', { modulusLength: 2_048 })
    const about = { kid: randomUUID(), use: 'sig', alg: 'RS256' }
    const row = {
      kid: about.kid,
      public_jwk: JSON.stringify({ ...publicKey.export({ format: 'jwk' }), ...about }),
      sealed_jwk: this.#close(
        JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...about }),
        about.kid,
      ),
      ...{ created_at: this.#store.now(), signs_from: signsFrom, expires_at: expiresAt },
    }
    await this.#store.openidKeys.add(row)
    return row
  }

  #close(text: string, kid: string): string {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#seal, iv).setAAD(Buffer.from(kid))
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')
  }

  /** Undefined for one of another data folder. */
  #open({ kid, sealed_jwk: sealed }: OpenidKeyRow): JWK | undefined {
    const bytes = Buffer.from(sealed, 'base64')
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#seal, bytes.subarray(0, 12))
        .setAAD(Buffer.from(kid))
        .setAuthTag(bytes.subarray(12, 28))
      const text = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
      return JSON.parse(text) as JWK
    } catch {
      return undefined
    }
  }
}

const later = (a: OpenidKeyRow, b: OpenidKeyRow): OpenidKeyRow => (b.signs_from > a.signs_from ? b : a)
