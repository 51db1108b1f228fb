/**
 * The secret that the hub's extension signs with: each API that lives is asked whether it takes the new one, with a token
 * that is for no request; then it stands in the hub's pubwiki.ini.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '@wikistead/config'
import { readIniValues, renewPubwikiValues } from '@wikistead/mediawiki'
import { SetupError } from '@wikistead/processes/setup-error'
import type { SeenInstance, Store } from '@wikistead/store'
import { hubSlug, mediaWikiRules } from '../parts/mediawiki-rules.ts'
import type { RotatedSecret } from './rotate-secret.ts'

/** What the hub signs is good for half a minute, and its clock may be some seconds off. */
const graceMs = 65_000
const patienceMs = 15_000

/** @throws SetupError when it is not in a file, or there is none */
export function serviceSecret(config: Config, store: Store): RotatedSecret {
  const { wikifarmServiceSecret: secret, wikifarmServiceKeyId: keyId, wikifarmServiceUrl: url } = config
  const { wikifarmDir, wikiSharedDbName: database } = config
  const issuer = mediaWikiRules(config)?.hubUrl
  if (secret === undefined || issuer === undefined || database === undefined) {
    throw new SetupError('There is no hub here: wikifarm-service-secret and wiki-shared-db-name name one.')
  }
  if (secret.file === undefined) {
    throw new SetupError(
      'wikifarm-service-secret is not in a file of its own: put it into one, name that with wikifarm-service-secret-file, and start what uses it again.',
    )
  }
  const apis = async (): Promise<readonly SeenInstance[]> =>
    (await store.instances.list()).filter(({ role, alive }) => alive && (role === 'api' || role === 'start'))

  return {
    ...{ setting: 'wikifarm-service-secret', path: secret.file, graceMs },
    async requireTaken(next) {
      const deadline = performance.now() + patienceMs
      for (;;) {
        const refusing = await refusingApis(await apis(), (audience) => ({
          ...{ issuer, audience: url ?? audience, keyId, secret: next },
        }))
        if (refusing.length === 0) return
        if (performance.now() > deadline) {
          throw new SetupError(
            `The new secret is not taken yet by ${refusing.join(', ')}: let each read ${secret.file ?? ''}, then run this again.`,
          )
        }
        await sleep(250)
      }
    },
    async hand(next) {
      const slug = hubSlug(database)
      if ((await store.wikis.byClaim('mediawiki', slug)) === undefined) return
      const folder = join(wikifarmDir ?? '', slug)
      const values = { WIKIFARM_SERVICE_KEY_ID: keyId, WIKIFARM_SERVICE_SECRET: next }
      await renewPubwikiValues(folder, values)
      const now = await readIniValues(folder, ['WIKIFARM_SERVICE_SECRET']).catch(() => undefined)
      if (now?.['WIKIFARM_SERVICE_SECRET'] !== next) {
        throw new SetupError(
          `The hub’s pubwiki.ini is not in ${folder}: run this on the machine that holds the hub, with its settings.`,
        )
      }
    },
    // Each was asked itself; what it may go without in the end breaks nothing.
    others: async (before) =>
      before === 'drop' ? [] : (await apis()).filter(isOutOfReach).map(({ machine }) => machine),
  }
}

/** Another machine's, at an address that is its own alone. */
const isOutOfReach = ({ machine, address }: SeenInstance): boolean =>
  machine !== hostname() && /^http:\/\/(?:127\.|\[::1\]|localhost)/.test(address ?? '')

interface Signing {
  readonly issuer: string
  readonly audience: string
  readonly keyId: string
  readonly secret: string
}

async function refusingApis(
  apis: readonly SeenInstance[],
  signing: (audience: string) => Signing,
): Promise<readonly string[]> {
  const asked = await Promise.all(
    apis
      .filter((api) => !isOutOfReach(api))
      .map(async ({ machine, address }) => {
        // One that begins at this moment tells where it is in a moment.
        const takes =
          address?.startsWith('http') === true && (await takesSignature(address, signing(address)))
        return takes ? [] : [`the API at ${address ?? 'an unknown address'} (${machine})`]
      }),
  )
  return asked.flat()
}

/** What is refused only for being made for another request is signed with a secret that is taken. */
async function takesSignature(url: string, signing: Signing): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/provisioner/v1/wikis`, {
      headers: { authorization: `Bearer ${tokenForNothing(signing)}` },
      redirect: 'error',
      signal: AbortSignal.timeout(5_000),
    })
    const { code, details } = (await answer.json()) as {
      readonly code?: string
      readonly details?: { readonly signed?: boolean }
    }
    return code === 'service_token_invalid' && details?.signed === true
  } catch {
    return false
  }
}

function tokenForNothing({ issuer, audience, keyId, secret }: Signing): string {
  const now = Math.floor(Date.now() / 1_000)
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const header = { alg: 'HS256', typ: 'wikistead-request+jwt', kid: keyId }
  const claims = {
    ...{ iss: issuer, aud: audience, sub: '1', name: 'nobody', rights: [], iat: now, exp: now + 10 },
    ...{ jti: randomBytes(24).toString('base64url'), method: 'NONE', target: '/', body: 'x'.repeat(43) },
  }
  const signed = `${part(header)}.${part(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}
