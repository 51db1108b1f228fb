/** How long what is over is kept. What is needed to undo, to try again or to know whose a wiki is stays, and the audit log. */
import { about } from './about.ts'
import * as kinds from './kinds.ts'

const kept = (least: string, prefault: string, meaning: string) =>
  kinds.duration(least, '36500d').prefault(prefault).register(about, { type: 'duration', meaning })

export const retentionSettings = {
  'keep-task-output': kept(
    '1h',
    '30d',
    'how long the output of commands stays in the events of an ended task',
  ),
  'keep-tasks': kept('1d', '365d', 'how long an ended task stays, with its events and its ledger'),
  'keep-syncs': kept('1d', '30d', 'the same for syncs, of which there are many'),
  'keep-alarms': kept('1h', '90d', 'how long an alarm stays that has cleared'),
  'keep-transfers': kept('1d', '365d', 'how long an offer of a wiki stays after its time'),
  'keep-tombstones': kept(
    '1d',
    '365d',
    'how long a wiki that is gone stays on record, after the last of its tasks; until then its owner gets it back when a sync finds it again',
  ),
  'keep-idempotency-keys': kept(
    '1h',
    '7d',
    'how long a repeated request with its `Idempotency-Key` is known again',
  ),
}
