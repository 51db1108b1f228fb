import { ConfigProblems, type Config } from '@wikistead/config'
import { chooseFreePort, holderOf, isFreePort, SetupError } from '@wikistead/processes'

/** The demo makes a site without asking: never on a farm that somebody uses. @throws ConfigProblems */
export function requireEmbedded({ fedwikiFarmUrl, fedwikiEmbeddedFarm, wikifarmDir }: Config): void {
  const problem = (setting: string) => ({
    ...{ setting, source: undefined, mend: 'the demo brings a farm of its own; leave this out' },
  })
  if (fedwikiFarmUrl !== undefined) throw new ConfigProblems([problem('fedwiki-farm-url')])
  if (wikifarmDir !== undefined) throw new ConfigProblems([problem('wikifarm-dir')])
  if (!fedwikiEmbeddedFarm) throw new ConfigProblems([problem('fedwiki-embedded-farm')])
}

/** Other ports for those that are taken. @throws SetupError when the demo runs already */
export async function withFreePorts(config: Config, note: (line: string) => void): Promise<Config> {
  const { dataFolder, host, port, fedwikiFarmPort } = config
  const holder = holderOf(dataFolder)
  if (holder !== undefined) {
    const who = holder === 'unknown' ? 'by another process' : `by the process with pid ${String(holder)}`
    throw new SetupError(`${dataFolder} is in use ${who}: stop that one, or name another with --data-folder`)
  }
  return {
    ...config,
    port: await freeInsteadOf(port, host, 'the API', note),
    fedwikiFarmPort: await freeInsteadOf(fedwikiFarmPort, '127.0.0.1', 'the farm', note),
  }
}

export async function freeInsteadOf(port: number, host: string, whose: string, note: (line: string) => void) {
  if (port === 0 || (await isFreePort(port, host))) return port
  const chosen = await chooseFreePort(host)
  note(`Port ${String(port)} is taken by another program; ${whose} listens on ${String(chosen)}.`)
  return chosen
}
