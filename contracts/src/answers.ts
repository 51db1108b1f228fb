/** What the HTTP API answers. */
import { z } from 'zod'
import {
  engines,
  phases,
  roles,
  servings,
  taskKinds,
  taskStatuses,
  visibilities,
  wikiStatuses,
} from './states.ts'

const time = z.iso.datetime()

export const User = z.object({
  id: z.number().int(),
  name: z.string(),
  role: z.enum(roles),
  site_limit: z.number().int().nullable(),
  identities: z.array(z.object({ issuer: z.string(), subject: z.string() })),
})
export type User = z.infer<typeof User>

export const Wiki = z.object({
  id: z.number().int(),
  engine: z.enum(engines),
  name: z.string(),
  /** FedWiki: the domain; MediaWiki: the slug. */
  address: z.string(),
  url: z.string(),
  status: z.enum(wikiStatuses),
  serving: z.enum(servings),
  visibility: z.enum(visibilities),
  featured: z.boolean(),
  custom_domain: z.boolean(),
  owner: z.object({ id: z.number().int(), name: z.string() }),
  /** MediaWiki only: its language, and the host that it is on. */
  language: z.string().nullable(),
  host: z.string().nullable(),
  /** The task at work on it now. */
  task_id: z.string().nullable(),
  created_at: time,
  updated_at: time,
  /** Until when a deleted wiki can be restored. */
  purge_after: time.nullable(),
})
export type Wiki = z.infer<typeof Wiki>

/** How a new wiki's founder gets in: a one-time password, to be changed at the first sign-in. */
export const FirstSignIn = z.object({ url: z.string(), user: z.string(), password: z.string() })
export type FirstSignIn = z.infer<typeof FirstSignIn>

export const WikiList = z.object({ wikis: z.array(Wiki), next_cursor: z.string().nullable() })
export type WikiList = z.infer<typeof WikiList>

export const Task = z.object({
  id: z.string(),
  kind: z.enum(taskKinds),
  engine: z.enum(engines),
  status: z.enum(taskStatuses),
  phase: z.enum(phases).nullable(),
  progress: z.number().int(),
  message: z.string(),
  code: z.string().nullable(),
  warning: z.string().nullable(),
  support_url: z.string().nullable(),
  wiki_id: z.number().int().nullable(),
  user_id: z.number().int(),
  /** Which life of the task this is, from 1. */
  run: z.number().int(),
  last_event_id: z.number().int(),
  created_at: time,
  updated_at: time,
  ended_at: time.nullable(),
})
export type Task = z.infer<typeof Task>
export const TaskList = z.object({ tasks: z.array(Task), next_cursor: z.string().nullable() })

/** `202`: the task goes on; follow `Location`. */
export const TaskAccepted = z.object({ task_id: z.string(), wiki_id: z.number().int().optional() })
export type TaskAccepted = z.infer<typeof TaskAccepted>

export const Name = z.object({
  engine: z.enum(engines),
  name: z.string(),
  address: z.string(),
  state: z.enum(['free', 'taken', 'reserved', 'restorable', 'invalid']),
  reason: z.string().optional(),
})
export type Name = z.infer<typeof Name>

export const Alarm = z.object({
  id: z.number().int(),
  code: z.string(),
  subject: z.string(),
  message: z.string(),
  /** What clears it. */
  mend: z.string(),
  since: time,
  cleared_at: time.nullable(),
})
export type Alarm = z.infer<typeof Alarm>
export const AlarmList = z.object({ alarms: z.array(Alarm) })

/** A machine that holds MediaWiki wikis. */
export const Host = z.object({
  host: z.string(),
  wikis: z.number().int(),
  /** null: no limit. */
  capacity: z.number().int().nullable(),
  draining: z.boolean(),
  alive: z.boolean(),
  seen_at: time,
})
export type Host = z.infer<typeof Host>
export const HostList = z.object({ hosts: z.array(Host) })

export const SyncSchedule = z.object({
  enabled: z.boolean(),
  interval_seconds: z.number(),
  default_user_id: z.number().int(),
  paused: z.boolean(),
  note: z.string(),
  running: z.boolean(),
  next_run_at: time.nullable(),
  last_run: Task.nullable(),
  alarms: z.array(Alarm),
})
export type SyncSchedule = z.infer<typeof SyncSchedule>

export const Readiness = z.object({
  status: z.enum(['ready', 'degraded', 'down']),
  parts: z.array(
    z.object({ part: z.string(), ok: z.boolean(), detail: z.string(), mend: z.string().optional() }),
  ),
})
export type Readiness = z.infer<typeof Readiness>

/** RFC 9457, with a stable `code`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  request_id: z.string().optional(),
  support_url: z.string().optional(),
  task_id: z.string().optional(),
  problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export type Problem = z.infer<typeof Problem>
