/** `wikistead temporal prepare`: from a Temporal that answers to a namespace that fits. */
import { isGrpcServiceError, type Connection } from '@temporalio/client'
import { msNumberToTs, tsToMs } from '@temporalio/common/lib/time.js'
import type { Config } from '@wikistead/config'
import { SetupError } from '@wikistead/processes'
import { setTimeout as sleep } from 'node:timers/promises'
import { askTemporal, TemporalTrouble } from './ask-temporal.ts'
import { inWords, stepsTo, type NamespaceSeen, type Step } from './fit-namespace.ts'
import { namedTemporal, type TemporalPlace } from './temporal-place.ts'
import { status } from './trouble.ts'

export interface PreparedNamespace {
  readonly address: string
  readonly namespace: string
  readonly serverVersion: string
  readonly retentionMs: number
  /** What was done, or with `dryRun` what would be. */
  readonly steps: readonly (Step & { readonly words: string })[]
}

export interface PrepareOptions {
  readonly retentionMs?: number | undefined
  readonly dryRun?: boolean
}

/** @throws SetupError when no Temporal is named, it does not answer, or is too old */
export async function prepareTemporal(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
  { retentionMs, dryRun = false }: PrepareOptions = {},
): Promise<PreparedNamespace> {
  const place = namedTemporal(config, env)
  if (place === undefined) {
    throw new SetupError(
      'No Temporal is named. Set temporal-address; the one of `wikistead start` needs no preparing.',
    )
  }
  const { namespace, connectionOptions } = place
  try {
    const serverVersion = await askTemporal(place, versionOf)
    const seen = await askTemporal(place, (connection) => lookAtNamespace(connection, namespace))
    const steps = stepsTo(namespace, seen, retentionMs)
    if (!dryRun) {
      for (const step of steps) await askTemporal(place, (connection) => take(step, connection))
      await known(place)
      if (!(await askTemporal(place, (connection) => resetsActivities(connection, namespace)))) {
        throw new SetupError(tooOld(connectionOptions.address ?? '', serverVersion))
      }
    }
    const kept = steps.at(-1)?.retentionMs ?? seen.retentionMs ?? 0
    return {
      address: connectionOptions.address ?? '',
      namespace,
      serverVersion,
      retentionMs: kept,
      steps: steps.map((step) => ({ ...step, words: inWords(step) })),
    }
  } catch (error) {
    throw error instanceof TemporalTrouble ? new SetupError(inOneSentence(error, place)) : error
  }
}

export async function versionOf({ workflowService }: Connection): Promise<string> {
  const { serverVersion } = await workflowService.getSystemInfo({})
  return serverVersion === '' || serverVersion === undefined || serverVersion === null
    ? 'unknown'
    : serverVersion
}

export async function lookAtNamespace(
  { workflowService }: Connection,
  namespace: string,
): Promise<NamespaceSeen> {
  try {
    const { config } = await workflowService.describeNamespace({ namespace })
    const kept = config?.workflowExecutionRetentionTtl
    return { retentionMs: kept == null ? 0 : tsToMs(kept) }
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === status.NOT_FOUND)
      return { retentionMs: undefined }
    throw error
  }
}

/**
 * An operator's retry cuts the wait of an activity short, which servers before 1.28 cannot: asked about a workflow that
 * nobody has, one that can says that there is none.
 */
export async function resetsActivities({ workflowService }: Connection, namespace: string): Promise<boolean> {
  try {
    await workflowService.resetActivity({
      ...{ namespace, execution: { workflowId: 'wikistead-asks-what-you-can' }, id: '1', keepPaused: false },
    })
    return true
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error
    const code = Number(error.code)
    if (code === status.UNIMPLEMENTED) return false
    if (code === status.NOT_FOUND || code === status.PERMISSION_DENIED) return true
    throw error
  }
}

export function tooOld(address: string, version: string): string {
  return `${address} is Temporal ${version}, which cannot reset an activity: take 1.28 or later (1.27 with frontend.activityAPIsEnabled).`
}

async function take(step: Step, { workflowService }: Connection): Promise<void> {
  const workflowExecutionRetentionPeriod = msNumberToTs(step.retentionMs)
  if (step.do === 'keep longer') {
    const config = { workflowExecutionRetentionTtl: workflowExecutionRetentionPeriod }
    await workflowService.updateNamespace({ namespace: step.namespace, config })
    return
  }
  try {
    const description = 'The tasks of a Wikistead'
    await workflowService.registerNamespace({
      namespace: step.namespace,
      description,
      workflowExecutionRetentionPeriod,
    })
  } catch (error) {
    // Another was quicker.
    if (!isGrpcServiceError(error) || Number(error.code) !== alreadyExists) throw error
  }
}

const alreadyExists = 6
const knownWithinMs = 30_000

/** A frontend hears of a new namespace some seconds after the one that made it. */
async function known(place: TemporalPlace): Promise<void> {
  const { namespace } = place
  for (const deadline = performance.now() + knownWithinMs; ; await sleep(250)) {
    try {
      await askTemporal(place, ({ workflowService }) =>
        workflowService.describeTaskQueue({ namespace, taskQueue: { name: 'wikistead' } }),
      )
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
  }
}

function inOneSentence(error: TemporalTrouble, { namespace }: TemporalPlace): string {
  const cause = error.cause as { readonly code?: unknown }
  const denied = [status.PERMISSION_DENIED, status.UNIMPLEMENTED, status.UNAUTHENTICATED]
  if (!denied.includes(Number(cause.code))) return error.message
  return (
    `${error.message} To make or change namespace ${namespace} takes the role of an admin; in Temporal Cloud it is ` +
    'made in its console, with a retention of 30 days.'
  )
}
