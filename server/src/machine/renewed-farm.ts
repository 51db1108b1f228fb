/**
 * The embedded farm, which is started anew when the secret of its visitors' cookies was changed: it reads that at its start.
 * Visitors wait meanwhile.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { keptSecretOf } from '@wikistead/config'
import { farmPaths, startFarm, type Farm, type FarmOptions, type Guard } from '@wikistead/fedwiki-farm'
import type { FastifyBaseLogger } from 'fastify'

export interface RenewedFarm extends Pick<Farm, 'port' | 'adminHost' | 'warmUp'>, AsyncDisposable {
  /** Looks after the secret's file from then on. */
  renewWith(guard: Pick<Guard, 'whileHeld'>): AsyncDisposable
}

const lookEveryMs = 500

export async function startRenewedFarm({
  logger,
  ...options
}: FarmOptions & { readonly logger: FastifyBaseLogger }): Promise<RenewedFarm> {
  let farm = await startFarm(options)
  const { port } = farm
  const secret = keptSecretOf(farmPaths(options.folder).sessionSecret)
  let used = secret.reveal()

  /** Of one that ended badly before, nothing is left. */
  async function renew(): Promise<void> {
    const next = secret.reveal()
    await farm.close()
    farm = await startFarm({ ...options, port })
    used = next
    logger.info({ child: 'fedwiki farm' }, 'started anew with another secret for its cookies')
  }

  async function look(guard: Pick<Guard, 'whileHeld'>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted || secret.reveal() === used) continue
      await guard.whileHeld(renew).catch((error: unknown) => {
        logger.error({ err: error }, 'the FedWiki farm could not be started anew; it is tried again')
      })
    }
  }

  return {
    port,
    adminHost: farm.adminHost,
    warmUp: (host) => farm.warmUp(host),
    renewWith(guard) {
      const stopping = new AbortController()
      const looking = look(guard, stopping.signal)
      return {
        async [Symbol.asyncDispose]() {
          stopping.abort()
          await looking
        },
      }
    },
    [Symbol.asyncDispose]: () => farm.close(),
  }
}
