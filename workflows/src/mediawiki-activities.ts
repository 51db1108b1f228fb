/**
 * The MediaWiki activities run where the wiki's folder is. A phase goes on trying through outages until its patience is
 * over: a database, a container or a worker that comes back within it costs the task nothing but time.
 */
import { ActivityCancellationType, proxyActivities, type ActivityOptions } from '@temporalio/workflow'
import { phasePatienceMs, type MediaWikiTaskInput } from '@wikistead/contracts/mediawiki-workflows'
import { hostQueue } from '@wikistead/contracts/states'
import type { MediaWikiActivities } from '@wikistead/mediawiki'

const minuteMs = 60_000

/** All of them on the wiki's host, by how long one attempt may take. */
export function activitiesOn({ host, patienceMs = phasePatienceMs }: MediaWikiTaskInput) {
  const options: ActivityOptions = {
    taskQueue: hostQueue(host),
    heartbeatTimeout: '5 seconds',
    scheduleToCloseTimeout: patienceMs,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  }
  const within = (startToCloseTimeout: number) =>
    proxyActivities<MediaWikiActivities>({ ...options, startToCloseTimeout })
  return {
    /** SQL, ini, keys. */
    short: within(minuteMs),
    copying: within(10 * minuteMs),
    /** One of MediaWiki's scripts, and what surrounds it. */
    script: within(11 * minuteMs),
    /** A script that reads every page. An outage is waited for; a script that goes on failing is a refusal, and final. */
    index: proxyActivities<MediaWikiActivities>({
      ...options,
      startToCloseTimeout: 61 * minuteMs,
      scheduleToCloseTimeout: Math.max(patienceMs, 90 * minuteMs),
    }),
  }
}

/** Undoing: tried for ten minutes, then left to the sweeper; a host that is away is waited for no longer than before. */
export const undoingOn = ({
  host,
  patienceMs = phasePatienceMs,
}: Pick<MediaWikiTaskInput, 'host' | 'patienceMs'>) =>
  proxyActivities<MediaWikiActivities>({
    taskQueue: hostQueue(host),
    startToCloseTimeout: '5 minutes',
    scheduleToStartTimeout: Math.min(patienceMs, undoMs),
    scheduleToCloseTimeout: undoMs,
    heartbeatTimeout: '5 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  })

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
