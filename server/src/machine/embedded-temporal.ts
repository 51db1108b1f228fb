/** The Temporal that `start` brings. */
import { join } from 'node:path'
import type { Config } from '@wikistead/config'
import type { PlannedChild } from './child-users.ts'

export const temporalFolder = (dataFolder: string): string => join(dataFolder, 'temporal')

/** @param cli the command that runs it, where there is one yet */
export const plannedTemporal = (
  { dataFolder, temporalUser: name }: Config,
  cli: string | undefined,
): PlannedChild => ({
  ...{ child: 'Temporal', setting: 'temporal-user', name, pidFile: 'temporal/temporal.pid' },
  sees: [join(temporalFolder(dataFolder), 'own'), ...(cli === undefined ? [] : [cli])],
  reads: cli === undefined ? [] : [cli],
})

/** Where the system gives nobody a network of its own. */
export const temporalIsOpen = {
  what: 'every user of this machine reaches the Temporal that `start` brings, and it asks nobody who they are',
  mend: 'Let Wikistead make network namespaces (Linux, with unshare of util-linux and ip of iproute2), in a data folder whose path has at most 75 bytes; or give the machine no other users.',
}
