/** A task that is watched: a bar on a terminal, a line an event in a pipe, an object an event for programs. */
import type { ProgressEvent, StatusEvent, TaskEvent } from '@wikistead/contracts'
import type { ApiClient } from './api-client.ts'
import { CommandFailure } from './errors.ts'
import { followTask, type FollowOptions, type ReceivedEvent } from './follow-task.ts'
import { interruption } from './interruption.ts'
import type { Output } from './output.ts'
import { startTicker, type Ticker } from './ticker.ts'

export interface WatchedTask extends Pick<FollowOptions, 'after' | 'unknownForMs'> {
  readonly api: ApiClient
  readonly taskId: string
  readonly out: Output
}

/**
 * Shows the task to its end.
 * @throws CommandFailure `taskFailed` when it fails, `interrupted` at Ctrl-C: the task goes on
 */
export async function showTask(watched: WatchedTask): Promise<StatusEvent> {
  const end = await showTaskToItsEnd(watched)
  if (end.status === 'succeeded') return end
  throw new CommandFailure('taskFailed', end.message ?? 'The task failed.', {
    ...{ code: end.code, task_id: watched.taskId, support_url: end.support_url },
    next: `Try it again with: wikistead retry ${watched.taskId}`,
  })
}

/** The same for who wants the task to fail: a cancellation is an end like any other. */
export async function showTaskToItsEnd({ api, taskId, out, ...options }: WatchedTask): Promise<StatusEvent> {
  using stop = interruption()
  using ticker = startTicker(out)
  let end: StatusEvent | undefined
  try {
    const events = followTask(api, taskId, {
      ...{ ...options, signal: stop.signal },
      onConnection(state) {
        ticker.keep(
          state === 'lost' ? 'The connection to the API is lost; trying again.' : 'The connection is back.',
        )
      },
    })
    for await (const received of events) {
      // A status that something follows was not the last word.
      if (end !== undefined) ticker.keep(inWords(end))
      end = received.event.type === 'status' ? received.event : undefined
      show(received, taskId, out, ticker)
    }
  } catch (error) {
    ticker.clear()
    if (stop.signal.aborted) {
      throw new CommandFailure('interrupted', 'Nobody watches any more; the task goes on.', {
        ...{ code: 'interrupted', task_id: taskId },
        next: `Watch it again with: wikistead watch ${taskId}`,
      })
    }
    if (error instanceof CommandFailure && error.exit === 'unreachable') {
      throw new CommandFailure('unreachable', `${error.message} The task goes on.`, {
        ...{ ...error.details, task_id: taskId },
        next: `When the API is back, watch it with: wikistead watch ${taskId}`,
      })
    }
    throw error
  }
  ticker.clear()
  if (end === undefined) throw new Error('the task’s events ended without a status')
  return end
}

function show({ id, event }: ReceivedEvent, taskId: string, out: Output, ticker: Ticker): void {
  const { type, ...fields } = event
  out.event(type, { task_id: taskId, id, ...fields })
  if (event.type === 'status') return
  // What went wrong stays readable on a terminal, too.
  if (event.type !== 'progress' || event.failed_attempt !== undefined) ticker.keep(inWords(event))
  else ticker.tick(inWords(event), event.progress)
}

/** '' for what waits for nobody. */
function placeInWords({ place, expected_at: at }: ProgressEvent): string {
  if (place === undefined) return ''
  const when = at === undefined ? '' : `, whose turn comes at about ${at.slice(11, 19)} UTC`
  return ` It waits as number ${String(place)} in the queue${when}.`
}

export function inWords(event: TaskEvent): string {
  switch (event.type) {
    case 'progress': {
      const { failed_attempt: failed, message } = event
      if (failed === undefined) return `${message}${placeInWords(event)}`
      const next =
        failed.next_attempt_at === undefined
          ? ''
          : ` Next try at ${failed.next_attempt_at.slice(11, 19)} UTC.`
      return `Attempt ${String(failed.attempt)} failed: ${failed.cause}${next}`
    }
    case 'log':
      return `${event.stream === 'stderr' ? '! ' : '| '}${event.line}`
    case 'reset':
      return event.message
    case 'status':
      return [event.message ?? event.status, event.warning && `Warning: ${event.warning}`]
        .filter((text) => text !== undefined && text !== '')
        .join(' ')
  }
}
