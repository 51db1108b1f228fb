/** One line of a task's history, as it travels over SSE: `event:` is its `type`, `data:` the JSON below. */
import { z } from 'zod'
import { phases } from './states.ts'
import { refusals, type RefusalCode } from './refusals.ts'

const codes = Object.keys(refusals) as [RefusalCode, ...RefusalCode[]]

export const ProgressEvent = z.object({
  type: z.literal('progress'),
  status: z.enum(['queued', 'running']),
  /** Percent, 0–100. */
  progress: z.number().int().min(0).max(100),
  message: z.string(),
  phase: z.enum(phases).optional(),
  /** Set once the wiki can be used. */
  wiki_id: z.number().int().optional(),
  /** While it waits for its turn: its place in the queue, from 1, and about when its turn comes (ISO 8601 UTC). */
  place: z.number().int().min(1).optional(),
  expected_at: z.iso.datetime().optional(),
  /** Set when this attempt failed: which it was, its cause, when the next one starts (ISO 8601 UTC). */
  failed_attempt: z
    .object({
      attempt: z.number().int(),
      code: z.string(),
      cause: z.string(),
      next_attempt_at: z.iso.datetime().optional(),
    })
    .optional(),
})
export type ProgressEvent = z.infer<typeof ProgressEvent>

export const StatusEvent = z.object({
  type: z.literal('status'),
  status: z.enum(['succeeded', 'failed']),
  wiki_id: z.number().int().optional(),
  message: z.string().optional(),
  code: z.enum(codes).optional(),
  /** What went wrong although the task succeeded. */
  warning: z.string().optional(),
  support_url: z.string().optional(),
})
export type StatusEvent = z.infer<typeof StatusEvent>

/** One line that a command printed. */
export const LogEvent = z.object({
  type: z.literal('log'),
  phase: z.enum(phases),
  stream: z.enum(['stdout', 'stderr']),
  line: z.string(),
})

/** The task begins a new life. */
export const ResetEvent = z.object({ type: z.literal('reset'), run: z.number().int(), message: z.string() })

export const TaskEvent = z.discriminatedUnion('type', [ProgressEvent, StatusEvent, LogEvent, ResetEvent])
export type TaskEvent = z.infer<typeof TaskEvent>
