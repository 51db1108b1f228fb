/** What the HTTP API answers. */
import { z } from 'zod'
import {
  instanceRoles,
  actingBy,
  engines,
  phases,
  roles,
  servings,
  taskKinds,
  taskStatuses,
  tokenScopes,
  transferStatuses,
  visibilities,
  wikiStatuses,
} from './states.ts'

const time = z.iso.datetime()

export const User = z.object({
  id: z.number().int(),
  name: z.string(),
  role: z.enum(roles),
  /** FedWiki sites; null: the farm-wide limit. */
  site_limit: z.number().int().nullable(),
  /** MediaWiki wikis; null: the farm-wide limit. */
  wiki_limit: z.number().int().nullable(),
  /** Who is blocked signs in nowhere, and their tokens are refused. */
  blocked: z.boolean(),
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
  /** An operator's, which its owner cannot undo; null when there is none. */
  suspension: z
    .object({
      reason: z.string(),
      since: time,
      /** Whether the wiki itself has been told; until then it may still be served. */
      in_effect: z.boolean(),
    })
    .nullable()
    .default(null),
})
export type Wiki = z.infer<typeof Wiki>

/** How a wiki's owner gets in: a link under which they choose their password, once. The one before ends with it. */
export const FirstSignIn = z.object({
  url: z.string(),
  user: z.string().describe("The owner's account on the wiki"),
  expires_at: time,
})
export type FirstSignIn = z.infer<typeof FirstSignIn>

/** Who is asking, and how they may sign in; answered to everybody. */
export const Session = z.object({
  user: User.nullable(),
  /** Goes into `X-CSRF-Token` of every request that changes something; null without a session. */
  csrf_token: z.string().nullable(),
  expires_at: time.nullable(),
  /** Until then the gravest acts need no new sign-in; null: they need one now. */
  fresh_until: time.nullable(),
  /** Where this browser signs in anew for them; null: by a new one-time link. */
  sign_in_again: z.string().nullable(),
})
export type Session = z.infer<typeof Session>

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

/** A sign-in of one browser. */
export const SignedIn = z.object({
  id: z.string(),
  current: z.boolean(),
  user_agent: z.string(),
  created_at: time,
  seen_at: time,
  /** The addresses of the sign-in and of the last request; null from before they were written. */
  made_from: z.string().nullable(),
  seen_from: z.string().nullable(),
  expires_at: time,
})
export type SignedIn = z.infer<typeof SignedIn>
export const SignedInList = z.object({ sessions: z.array(SignedIn) })

/** A token as it is listed: never the secret itself. */
export const Token = z.object({
  id: z.string(),
  label: z.string(),
  scopes: z.array(z.enum(tokenScopes)),
  created_at: time,
  expires_at: time.nullable(),
  used_at: time.nullable(),
  /** The address that it was last used from. */
  used_from: z.string().nullable(),
})
export type Token = z.infer<typeof Token>
export const TokenList = z.object({ tokens: z.array(Token) })
/** The only time that the secret is told. */
export const NewToken = z.object({ token: Token, secret: z.string() })
export type NewToken = z.infer<typeof NewToken>

export const UserList = z.object({ users: z.array(User), next_cursor: z.string().nullable() })
export type UserList = z.infer<typeof UserList>

/** A user's place under the farm's limits. */
export const Quota = z.object({
  engine: z.enum(engines),
  used: z.number().int(),
  limit: z.number().int(),
})
export const QuotaList = z.object({ quotas: z.array(Quota) })
export type QuotaList = z.infer<typeof QuotaList>

/** An identity that a user has still to link before a wiki of the engine can be theirs. */
export const IdentityNeed = z.object({
  engine: z.enum(engines),
  detail: z.string(),
  link: z.string().nullable().describe('Where it is linked, a path of the console; null: an operator helps'),
  at: z.string().nullable().describe('Whose identity it is: the provider, in words, or the hub’s address'),
})
export type IdentityNeed = z.infer<typeof IdentityNeed>
export const IdentityNeeds = z.object({ needs: z.array(IdentityNeed) })
export type IdentityNeeds = z.infer<typeof IdentityNeeds>

/** A wiki that is offered to whoever has the link; they accept, or decline, signed in. */
export const Transfer = z.object({
  id: z.string(),
  wiki: z.object({ id: z.number().int(), name: z.string(), address: z.string(), engine: z.enum(engines) }),
  from: z.object({ id: z.number().int(), name: z.string() }),
  to: z.object({ id: z.number().int(), name: z.string() }).nullable(),
  status: z.enum(transferStatuses),
  created_at: time,
  expires_at: time,
  /** Of the change of owner, once it was accepted. */
  task_id: z.string().nullable(),
})
export type Transfer = z.infer<typeof Transfer>
export const TransferList = z.object({ transfers: z.array(Transfer) })
/** `url` is told once: it is what the other side opens. */
export const NewTransfer = z.object({ transfer: Transfer, url: z.string() })
export type NewTransfer = z.infer<typeof NewTransfer>

/** An account of the hub, and why it reads a private wiki. */
export const WikiReader = z.object({
  account: z.number().int().describe('Its number on the hub'),
  name: z.string(),
  groups: z.array(z.string()).describe('On the wiki: `member`, or more than that'),
})
export type WikiReader = z.infer<typeof WikiReader>

/** A link by which whoever opens it, signed in, becomes a reader; once. */
export const ReadInvitation = z.object({ id: z.string(), created_at: time, expires_at: time })
export type ReadInvitation = z.infer<typeof ReadInvitation>
/** `url` is told once. */
export const NewReadInvitation = z.object({ invitation: ReadInvitation, url: z.string() })
export type NewReadInvitation = z.infer<typeof NewReadInvitation>

export const WikiReaders = z.object({
  readers: z.array(WikiReader),
  more: z.boolean().describe('There are more than these: say how the name begins'),
  invitations: z.array(ReadInvitation),
})
export type WikiReaders = z.infer<typeof WikiReaders>
export const WikiAccounts = z.object({ accounts: z.array(WikiReader), more: z.boolean() })
export type WikiAccounts = z.infer<typeof WikiAccounts>

/** What an invitation to read is to. */
export const InvitedToRead = z.object({
  wiki: z.object({ id: z.number().int(), name: z.string(), url: z.string() }),
  from: z.string().describe('The owner'),
  as: z.string().nullable().describe('My account on the hub, which will read; null: none is linked yet'),
  expires_at: time,
})
export type InvitedToRead = z.infer<typeof InvitedToRead>
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

export const WikiList = z.object({ wikis: z.array(Wiki), next_cursor: z.string().nullable() })
export type WikiList = z.infer<typeof WikiList>

/** As the MediaWiki extension's founders have it. */
export const ProvisionedWikis = z.object({
  wikis: z.array(Wiki),
  /** Left out on the last page. */
  next_offset: z.number().int().optional(),
})
export type ProvisionedWikis = z.infer<typeof ProvisionedWikis>
/** As the MediaWiki extension's founders have it. */
export const SlugExists = z.object({
  slug: z.string(),
  exists: z.boolean().describe('A wiki has it, or holds it for its undo window'),
})
export type SlugExists = z.infer<typeof SlugExists>
/** The hub has said who its account is; nothing is linked yet. */
export const LinkVouched = z.object({
  url: z.string().describe('Where the browser goes on, to confirm it where it began'),
})
/** Two accounts that are to become one. */
export const HubLink = z.object({
  name: z.string().describe('Mine here'),
  hub_name: z.string().describe('The account on the hub'),
  hub_url: z.string(),
  return_to: z.string().describe('Where it was begun: a path of the console'),
})
export type HubLink = z.infer<typeof HubLink>

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
