/** Whom our children run as, where that is for root to say. */
import { readFile } from 'node:fs/promises'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '@wikistead/config'
import { lookForTemporalCli } from '@wikistead/processes'
import { isRoot, planChildUser, type PlannedChild } from '../machine/child-users.ts'
import { hasEmbeddedFarm, plannedFarm } from '../machine/embedded-farm.ts'
import { plannedTemporal } from '../machine/embedded-temporal.ts'
import { cacheFolder } from '../parts/cache-folder.ts'
import type { Environment } from '../parts/environment.ts'
import type { Running } from '../parts/running.ts'
import { namedTemporal } from '../temporal/temporal-place.ts'
import { withNamedCli } from '../temporal/connect-temporal.ts'
import { doubtful, fine, type Check } from './check.ts'

/** One for each child that `start` has, or would have. */
export async function checkChildren(
  config: Config,
  env: Environment['env'],
  running: Running | undefined,
): Promise<readonly Check[]> {
  if (!isRoot()) return []
  const children: PlannedChild[] = []
  if (hasEmbeddedFarm(config)) children.push(plannedFarm(config))
  if (namedTemporal(config, env) === undefined) {
    const search = { env: withNamedCli(config, env), cacheFolder: cacheFolder(env, config.dataFolder) }
    const { cli } = await lookForTemporalCli(search).catch(() => ({ cli: undefined }))
    children.push(plannedTemporal(config, cli?.path))
  }
  return Promise.all(
    children.map(async (child) => {
      const uid = running && (await uidOf(join(config.dataFolder, child.pidFile)))
      return uid === undefined ? planned(child) : itRuns(child, uid)
    }),
  )
}

async function planned(child: PlannedChild): Promise<Check> {
  const name = `user of ${child.child}`
  // Who is missing is made at the first start.
  const { user, trouble } = await planChildUser(child, () => Promise.resolve({ uid: newUid, gid: newUid }))
  if (trouble !== undefined) return doubtful(name, `it runs as root: ${trouble.what}`, trouble.mend)
  return user === undefined
    ? doubtful(name, `it runs as root, as ${child.setting} says`, `Leave ${child.setting} out.`)
    : fine(name, user.name)
}

async function itRuns(child: PlannedChild, uid: number): Promise<Check> {
  const name = `user of ${child.child}`
  if (uid !== 0) return fine(name, `${child.name}, by its process`)
  const { what, mend } = (await planChildUser(child, () => Promise.resolve(undefined))).trouble ?? {
    what: 'it was begun so',
    mend: 'Start Wikistead again; its log says why a child runs as root.',
  }
  return doubtful(name, `it runs as root: ${what}`, mend)
}

/** Of the process that is recorded in the file. */
async function uidOf(pidFile: string): Promise<number | undefined> {
  try {
    const { pid } = JSON.parse(await readFile(pidFile, 'utf8')) as { pid: number }
    return statSync(`/proc/${String(pid)}`).uid
  } catch {
    return undefined
  }
}

/** Nobody’s: it stands for a user that is not there yet. */
const newUid = 64_990
