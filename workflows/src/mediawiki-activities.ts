/**
 * The MediaWiki activities run where the wiki's folder is. A phase goes on trying through outages until its patience is
 * over, from its first attempt on (see tasks/step/patience.ts): a database, a container or a worker that comes back within it
 * costs the task nothing but time. A host is waited for as long as it lives, and else as long as that patience.
 */
import {
  ActivityCancellationType,
  patched,
  proxyActivities,
  type ActivityOptions,
} from '@temporalio/workflow'
import { phasePatienceMs, type MediaWikiTaskInput } from '@wikistead/contracts/mediawiki-workflows'
import { hostQueue, indexQueue, undoQueue } from '@wikistead/contracts/states'
import type { MediaWikiActivities } from '@wikistead/mediawiki'
import { patientWith } from './living-host.ts'

const minuteMs = 60_000

/** Since the second edition. */
const indexIsApart = 'index-is-apart'

/** All of them on the wiki's host, by how long one attempt may take. */
export function activitiesOn(input: MediaWikiTaskInput) {
  const within = withinOn(input, hostQueue(input.host))
  return {
    /** SQL, ini, keys. */
    short: within(minuteMs),
    copying: within(10 * minuteMs),
    /** One of MediaWiki's scripts, and what surrounds it. */
    script: within(11 * minuteMs),
  }
}

/**
 * A script that reads every page of a wiki that is in use already. An outage is waited for; a script that goes on failing is
 * a refusal, and final. It has a queue of its own, so that nobody whose wiki is still to be made waits for it.
 */
export function indexingOn(input: MediaWikiTaskInput) {
  const queue = patched(indexIsApart) ? indexQueue(input.host) : hostQueue(input.host)
  return withinOn(input, queue)(61 * minuteMs)
}

function withinOn({ host, patienceMs = phasePatienceMs }: MediaWikiTaskInput, taskQueue: string) {
  const options: ActivityOptions = {
    taskQueue,
    heartbeatTimeout: '5 seconds',
    scheduleToStartTimeout: patienceMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  }
  return (startToCloseTimeout: number) =>
    patientWith(host, proxyActivities<MediaWikiActivities>({ ...options, startToCloseTimeout }))
}

/**
 * Undoing: tried for ten minutes, then left to the sweeper; a host that is away is waited for no longer than before. It
 * has a queue of its own, so that nothing which hangs there is in its way.
 */
export const undoingOn = ({
  host,
  patienceMs = phasePatienceMs,
}: Pick<MediaWikiTaskInput, 'host' | 'patienceMs'>) =>
  patientWith(
    host,
    proxyActivities<MediaWikiActivities>({
      taskQueue: undoQueue(host),
      startToCloseTimeout: '5 minutes',
      // Before its time is over: what only waits for its turn gets all of it anew.
      scheduleToStartTimeout: Math.min(patienceMs, undoMs / 2),
      scheduleToCloseTimeout: undoMs,
      heartbeatTimeout: '5 seconds',
      retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
    }),
  )

/** Somebody waits for the answer: what cannot be done in some seconds is asked for again. */
export const answeringOn = ({ host }: { readonly host: string }) =>
  proxyActivities<MediaWikiActivities>({
    taskQueue: hostQueue(host),
    heartbeatTimeout: '5 seconds',
    scheduleToStartTimeout: '8 seconds',
    scheduleToCloseTimeout: '20 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 seconds' },
  })

const undoMs = 10 * minuteMs
