/** What is answered about tasks. */
import { z } from 'zod'
import { engines, phases, servings, taskKinds, taskStatuses, visibilities } from '../states.ts'
import { time } from './time.ts'

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
  /** While it waits for its turn: its place in the queue, from 1, and about when its turn comes. */
  place: z.number().int().min(1).optional(),
  expected_at: time.optional(),
  created_at: time,
  updated_at: time,
  ended_at: time.nullable(),
  /** What a change of a wiki changes; null for what is none. */
  change: z
    .object({
      name: z.string().optional(),
      visibility: z.enum(visibilities).optional(),
      serving: z.enum(servings).optional(),
      /** The new owner's name. */
      owner: z.string().optional(),
    })
    .nullable()
    .default(null),
  /** How long each phase of its present life took; only where one task is asked for. */
  phases: z.array(z.object({ phase: z.enum(phases), began_at: time, ended_at: time.nullable() })).optional(),
})
export type Task = z.infer<typeof Task>

/** A task among others: with the names of what it is about and of who asked for it. */
export const ListedTask = Task.extend({ wiki_name: z.string().nullable(), user_name: z.string() })
export type ListedTask = z.infer<typeof ListedTask>
export const TaskList = z.object({ tasks: z.array(ListedTask), next_cursor: z.string().nullable() })
export type TaskList = z.infer<typeof TaskList>

/** `202`: the task goes on; follow `Location`. */
export const TaskAccepted = z.object({ task_id: z.string(), wiki_id: z.number().int().optional() })
export type TaskAccepted = z.infer<typeof TaskAccepted>
