/** What the tests of commands for clients talk to: an API with all that is behind it, and a farm that can be held up. */
import { startFarmGate, type FarmGate } from '@wikistead/test/farm-gate'
import { startStack, startTestFarm, type FarmForTests, type Stack } from '@wikistead/test/stack'
import { runCli, type CliOptions, type CliResult } from './run-cli.ts'

export interface ClientStack extends AsyncDisposable {
  readonly farm: FarmForTests
  readonly gate: FarmGate
  readonly stack: Stack
  /** To be the local admin. */
  asAdmin(): CliOptions
  /** As the local admin. */
  cli(...args: readonly string[]): Promise<CliResult>
  json(...args: readonly string[]): Promise<CliResult>
}

export const aCreation = (method: string, path: string): boolean =>
  method === 'POST' && path === '/plugin/farmmanager/sites'

export async function startClientStack(): Promise<ClientStack> {
  await using starting = new AsyncDisposableStack()
  const farm = starting.use(await startTestFarm())
  const gate = starting.use(await startFarmGate(farm.url))
  const stack = starting.use(
    await startStack({
      farmUrl: gate.url,
      settings: {
        'fedwiki-sync-enabled': 'true',
        'fedwiki-sync-interval': '30m',
        'fedwiki-sync-default-user-id': '1',
        'fedwiki-sync-trigger-immediately': 'false',
      },
    }),
  )
  const started = starting.move()
  const asAdmin = (): CliOptions => ({ env: { WIKISTEAD_API: stack.url, WIKISTEAD_TOKEN: stack.token } })
  const cli = (...args: readonly string[]) => runCli(args, asAdmin())
  return {
    ...{ farm, gate, stack, asAdmin, cli },
    json: (...args) => cli(...args, '--json'),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
