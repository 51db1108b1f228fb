/** What is answered about the farm, and what runs it. */
import { z } from 'zod'
import { instanceRoles, engines } from '../states.ts'
import { Task } from './tasks.ts'
import { time } from './time.ts'

/** What this installation is: what a sign-in page and a create form need to know. Answered to everybody. */
export const Farm = z.object({
  sign_in: z.object({
    /**
     * How members sign in: at a provider, by accounts of this farm, or (`local`) only by the one-time link that `wikistead
     * sign-in-link` prints.
     */
    kind: z.enum(['oidc', 'accounts', 'local']),
    /** The provider, in words. */
    name: z.string(),
    /** Where a browser goes to sign in; `return_to` brings it back. */
    url: z.string().nullable(),
    /** Who may make an account here; left out where there are none. */
    sign_up: z.enum(['open', 'invitation', 'domains']).optional(),
    /** Whose readers of mail may, where it is by domains. */
    sign_up_domains: z.array(z.string()).optional(),
    /** Links can be mailed. */
    mail: z.boolean().optional(),
    /** By an account of the hub; null where there is none, or it vouches for nobody. */
    hub: z.object({ name: z.string(), url: z.string() }).nullable().default(null),
    /** Browsers can have passkeys for this address. */
    passkeys: z.boolean().optional(),
  }),
  fedwiki: z
    .object({ parent_domain: z.string(), custom_domains: z.boolean(), site_limit: z.number().int() })
    .nullable(),
  mediawiki: z
    .object({
      root_host: z.string(),
      wiki_limit: z.number().int(),
      /** The wiki whose accounts the others share; null without one. */
      hub_url: z.string().nullable(),
      /** Language codes with their own names, as a new wiki may have. */
      languages: z.array(z.object({ code: z.string(), name: z.string() })),
      /** Seconds; 0: what is deleted is gone at once. */
      undo_window_seconds: z.number().int(),
    })
    .nullable(),
  fedwiki_undo_window_seconds: z.number().int().nullable(),
  support_url: z.string().nullable(),
  version: z.string(),
})
export type Farm = z.infer<typeof Farm>

export const Alarm = z.object({
  id: z.number().int(),
  code: z.string(),
  subject: z.string(),
  message: z.string(),
  /** What clears it. */
  mend: z.string(),
  since: time,
  cleared_at: time.nullable(),
  /** How often it happened from its begin to its end, where it is something that happens and heals by itself; else null. */
  times: z.number().int().nullable().default(null),
})
export type Alarm = z.infer<typeof Alarm>
export const AlarmList = z.object({ alarms: z.array(Alarm) })

/** How the farm has grown. */
export const Overview = z.object({
  now: z
    .record(z.string(), z.number().int())
    .describe(
      'What there is: `wikis/fedwiki`, `wikis/mediawiki`, `users`, `tasks` (open), `alarms` (standing)',
    ),
  samples: z.array(
    z.object({
      sample: z
        .string()
        .describe(
          'As in `now`; also `places/mediawiki` (room on all hosts, where each has a limit) and `version/…` (processes that run it)',
        ),
      points: z.array(z.object({ at: time, value: z.number().int() })),
    }),
  ),
  creations: z
    .array(
      z.object({
        engine: z.enum(engines),
        at: time,
        count: z.number().int(),
        median_seconds: z.number(),
        slowest_seconds: z.number(),
      }),
    )
    .describe('From the request to the end, in thirty equal spans of the time that is looked at'),
})
export type Overview = z.infer<typeof Overview>

/** A machine that holds MediaWiki wikis. */
export const Host = z.object({
  host: z.string(),
  wikis: z.number().int(),
  /** null: no limit. */
  capacity: z.number().int().nullable(),
  /** How many wikis it makes at once; null where its worker does not say so. */
  creations: z.number().int().nullable(),
  /** Creations that wait for their turn there. */
  waiting: z.number().int(),
  draining: z.boolean(),
  alive: z.boolean(),
  seen_at: time,
})
export type Host = z.infer<typeof Host>
export const HostList = z.object({ hosts: z.array(Host) })

/** A process of the farm. */
export const Instance = z.object({
  id: z.string(),
  role: z.enum(instanceRoles),
  machine: z.string(),
  /** The MediaWiki host that it is; null when it is none. */
  host: z.string().nullable(),
  version: z.string(),
  /** A commit, or a hash of the sources. */
  build: z.string(),
  /** Of its API, else of its machine. */
  address: z.string().nullable(),
  /** What Temporal calls its workers. */
  worker: z.string().nullable(),
  state: z.enum(['alive', 'without_temporal', 'silent', 'ended']),
  began_at: time,
  seen_at: time,
  ended_at: time.nullable(),
})
export type Instance = z.infer<typeof Instance>
export const InstanceList = z.object({
  instances: z.array(Instance),
  /** Of those that live: more than one while an upgrade is under way. */
  builds: z.array(z.string()),
})
export type InstanceList = z.infer<typeof InstanceList>

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
  /** What the farm's last list lacked, where it was too much to be believed: what a confirmation lets go. */
  untrusted: z
    .object({
      missing: z.number().int(),
      /** Their addresses, the first hundred in order. */
      sites: z.array(z.string()),
    })
    .nullable(),
})
export type SyncSchedule = z.infer<typeof SyncSchedule>

export const Readiness = z.object({
  status: z.enum(['ready', 'degraded', 'down']),
  parts: z.array(
    z.object({ part: z.string(), ok: z.boolean(), detail: z.string(), mend: z.string().optional() }),
  ),
})
export type Readiness = z.infer<typeof Readiness>
