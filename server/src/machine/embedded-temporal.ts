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
