/** What is answered about the audit log. */
import { z } from 'zod'
import { actingBy } from '../states.ts'
import { time } from './time.ts'

/** One write, or one refusal of one; never changed and never removed by the API. */
export const AuditEntry = z.object({
  id: z.number().int(),
  at: time,
  actor: z.object({ id: z.number().int(), name: z.string() }).nullable(),
  by: z.enum(actingBy),
  /** Method and route, e.g. `PATCH /v1/wikis/:id`, or a word such as `sign_in`. */
  action: z.string(),
  /** What it was about, e.g. `wiki/12`, `user/3`, `task/…`. */
  subject: z.string(),
  /** The name of that wiki or user, as it is now; null where it has none that is known. */
  subject_name: z.string().nullable().default(null),
  /** HTTP status. */
  status: z.number().int(),
  /** The refusal's code, if it was one. */
  code: z.string().nullable(),
  request_id: z.string(),
  /** Of the visitor; null from before it was written. */
  address: z.string().nullable(),
  /** What the one who asked gave as a reason, where they had to. */
  reason: z.string().nullable().default(null),
})
export type AuditEntry = z.infer<typeof AuditEntry>
export const AuditList = z.object({ entries: z.array(AuditEntry), next_cursor: z.string().nullable() })
export type AuditList = z.infer<typeof AuditList>

/** As it is hashed, but for its hash: times are milliseconds. */
const AuditSeal = z.object({
  seal: z.number().int(),
  previous: z.string(),
  up_to: z.number().int(),
  at: z.number().int(),
  key_id: z.string().nullable(),
  row_count: z.number().int(),
  late: z.number().int(),
  entries: z.string().describe('`id:print`, with blanks between'),
  hash: z.string(),
})

/** Seals of the audit log, each with what is in the log where its rows should be; columns as the store has them. */
export const AuditExport = z.object({
  sealed: z.array(
    z.object({
      seal: AuditSeal,
      rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
    }),
  ),
  next_after: z.number().int().nullable().describe('Null at the end of the chain'),
})
export type AuditExport = z.infer<typeof AuditExport>

export const AuditSeals = z.object({
  head: z
    .object({ seal: z.number().int(), hash: z.string(), at: time, up_to: z.number().int() })
    .nullable()
    .describe('The newest seal'),
  unsealed: z.object({ count: z.number().int(), since: time.nullable() }),
  checked: z
    .object({ at: time, seal: z.number().int(), findings: z.number().int() })
    .nullable()
    .describe('The last time that the housekeeping had been over all of it'),
})
export type AuditSeals = z.infer<typeof AuditSeals>
