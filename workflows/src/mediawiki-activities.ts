/**
 * The MediaWiki activities run where the wiki's folder is. A phase goes on trying through outages until its patience is
 * over, from its first attempt on (see tasks/patience.ts): a database, a container or a worker that comes back within it
 * costs the task nothing but time. A host is waited for as long as it lives, and else as long as that patience.
 */
import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import { phasePatienceMs, type MediaWikiTaskInput } from '@wikistead/contracts/mediawiki-workflows'
import { hostQueue, undoQueue } from '@wikistead/contracts/states'
import type { MediaWikiActivities } from '@wikistead/mediawiki'
import { patientWith } from './living-host.ts'

const minuteMs = 60_000

/** All of them on the wiki's host, by how long one attempt may take. */
export function activitiesOn({ host, patienceMs = phasePatienceMs }: MediaWikiTaskInput) {
  const options: ActivityOptions = {
    taskQueue: hostQueue(host),
    heartbeatTimeout: '5 seconds',
    scheduleToStartTimeout: patienceMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  }
  const within = (startToCloseTimeout: number) =>
    patientWith(host, proxyActivities<MediaWikiActivities>({ ...options, startToCloseTimeout }))
  return {
    /** SQL, ini, keys. */
    short: within(minuteMs),
    copying: within(10 * minuteMs),
    /** One of MediaWiki's scripts, and what surrounds it. */
    script: within(11 * minuteMs),
    /** A script that reads every page. An outage is waited for; a script that goes on failing is a refusal, and final. */
    index: within(61 * minuteMs),
  }
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
