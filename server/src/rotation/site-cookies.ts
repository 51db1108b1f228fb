/**
 * The secret of the cookies by which people are signed in on the sites of the embedded FedWiki farm. The farm knows one at
 * a time, and reads it at its start: whoever is signed in there must sign in again, and nobody's request fails.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '@wikistead/config'
import { learnSecret } from '@wikistead/contracts/hide-secrets'
import { farmPaths } from '@wikistead/fedwiki-farm'
import { SetupError } from '@wikistead/processes/setup-error'
import type { Store } from '@wikistead/store'
import { farmFolder, hasEmbeddedFarm } from '../machine/embedded-farm.ts'
import { readRunning } from '../parts/running.ts'
import { tellAudit } from './rotate-secret.ts'
import { replaceLines } from './secret-lines.ts'

const patienceMs = 120_000

/** Resolves when the farm has it: at once when none runs. @throws SetupError with what to do */
export async function rotateSiteCookies(
  config: Config,
  store: Store,
): Promise<'renewed' | 'at the next start'> {
  if (!hasEmbeddedFarm(config)) {
    throw new SetupError(
      'The farm is not the embedded one: change cookieSecret in its own configuration, and start it again.',
    )
  }
  const { sessionSecret, config: farmConfig } = farmPaths(farmFolder(config.dataFolder))
  const next = randomBytes(48).toString('base64url')
  learnSecret(next)
  await tellAudit(store, 'rotate', 'fedwiki-session-secret')
  await replaceLines(sessionSecret, [next])
  const deadline = performance.now() + patienceMs
  while ((await readRunning(config.dataFolder))?.farm !== undefined) {
    const { cookieSecret } = JSON.parse(await readFile(farmConfig, 'utf8')) as {
      readonly cookieSecret?: string
    }
    if (cookieSecret === next) return 'renewed'
    if (performance.now() > deadline) {
      throw new SetupError('The farm has not taken it up: see its log, and start `wikistead start` again.')
    }
    await sleep(200)
  }
  return 'at the next start'
}
