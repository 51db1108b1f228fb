/** `wikistead farm-guard`: the guard alone, before a FedWiki farm that others run. */
import {
  farmElsewhere,
  startGuard,
  type FarmPlace,
  type Guard,
  type GuardOptions,
} from '@wikistead/fedwiki-farm'
import { SetupError } from '@wikistead/processes'

export interface FarmGuard extends Pick<GuardOptions, 'listen' | 'trustProxy' | 'tokens'> {
  readonly farm: FarmPlace
}

/** @throws SetupError when it cannot listen */
export async function runFarmGuard({ farm: place, ...options }: FarmGuard): Promise<Guard> {
  await using opened = new AsyncDisposableStack()
  const farm = opened.use(farmElsewhere(place))
  const guard = opened.use(
    await startGuard({ ...options, farm }).catch((error: unknown) => {
      const { code, syscall } = error as NodeJS.ErrnoException
      if (syscall !== 'listen' && syscall !== 'getaddrinfo') throw error
      const { host, port } = options.listen
      throw new SetupError(
        `The guard cannot listen at ${host}:${String(port)} (${code ?? 'unknown'}): name another HOST:PORT.`,
      )
    }),
  )
  const running = opened.move()
  const close = () => running.disposeAsync()
  return { ...guard, close, [Symbol.asyncDispose]: close }
}
