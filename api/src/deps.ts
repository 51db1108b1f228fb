import type { Client } from '@temporalio/client'
import type { DomainRules, Readiness } from '@wikistead/contracts'
import type { LiveEvents, TaskEventStream } from '@wikistead/live'
import type { Metrics } from '@wikistead/metrics'
import type { RateLimits } from './access/rate-limits.ts'
import type { StreamLimits } from './access/open-streams.ts'
import type { Store } from '@wikistead/store'
import type { LaneLimits, WorkflowRuns } from '@wikistead/tasks'
import type { FastifyBaseLogger } from 'fastify'
import type { Socket } from 'node:net'
import type { AccountSettings } from './accounts/account-settings.ts'
import type { ServiceTrust } from './access/service-token.ts'

/** The FedWiki engine as the API knows it: its rules, never its hands. */
export interface FedWikiRules {
  readonly rules: DomainRules
  readonly siteLimit: number
  readonly siteUrl: (domain: string) => string
  readonly undoWindowMs: number
  /** The farm is one that we bring ourselves. */
  readonly isEmbedded: boolean
  /** @throws Refusal `domain_unproven` unless the user showed control of the domain */
  readonly proveControl: (domain: string, userId: number) => Promise<void>
}

/** The MediaWiki engine as the API knows it: its rules, never its hands. */
export interface MediaWikiRules {
  /** @throws Refusal `invalid_slug`, `name_reserved`; of the hub's own name only the grammar counts */
  readonly requireSlug: (slug: string, isHub: boolean) => string
  /** @throws Refusal `invalid_name`, `unknown_language` */
  readonly requireName: (name: string, language: string) => void
  readonly wikiLimit: number
  readonly search: 'cirrus' | 'core'
  /** How long one phase may go on trying, in milliseconds. */
  readonly patienceMs: number
  readonly wikiUrl: (slug: string) => string
  readonly undoWindowMs: number
  /** A wiki is reached one label below it. */
  readonly rootHost: string
  /** Of the wiki whose accounts the others share; undefined: each has its own. */
  readonly hubUrl: string | undefined
  /** What a wiki may be written in, by its own name. */
  readonly languages: readonly { readonly code: string; readonly name: string }[]
}

/** The OpenID provider that members sign in at. */
export interface ProviderSettings {
  /** As it names itself; identities are known by it. */
  readonly issuer: string
  readonly clientId: string
  /** None: a public client. */
  readonly clientSecret: string | undefined
  /** How it is shown; undefined: as the provider takes it. */
  readonly clientAuth?: 'client_secret_basic' | 'client_secret_post' | undefined
  /** With blanks between. */
  readonly scopes: string
  /** Who of them becomes an admin when they sign in. */
  readonly adminSubjects: readonly string[]
  /** In words, for people. */
  readonly name: string
}

interface OwnProviderSettings {
  /** A secret of this data folder: what is sealed with it nobody else can sign with. */
  readonly sealingKey: string
}

export type HealthPart = Readiness['parts'][number]

export interface ApiDeps {
  readonly store: Store
  readonly client: Client
  readonly runs: WorkflowRuns
  /** How many tasks are at work at once, and how many may wait; the usual when left out. */
  readonly limits?: LaneLimits
  /** How many tokens a user may have at once; any number when left out. */
  readonly tokensPerUser?: number
  readonly live: LiveEvents
  readonly events: TaskEventStream
  readonly logger: FastifyBaseLogger
  readonly metrics: Metrics
  /** Undefined while the engine is off. */
  readonly fedwiki: FedWikiRules | undefined
  /** Undefined while the engine is off. */
  readonly mediawiki?: MediaWikiRules | undefined
  /** Where browsers reach this installation, without a slash at its end; asked once it listens. */
  readonly publicUrl: () => string
  /** Undefined: members sign in by one-time links only. */
  readonly provider?: ProviderSettings | undefined
  /** Undefined: members have no accounts of ours. */
  readonly accounts?: AccountSettings | undefined
  /** Our own OpenID provider, where members sign in at no other; undefined: off. */
  readonly ownProvider?: OwnProviderSettings | undefined
  /** Of the built files of the web console; without it there is none. */
  readonly consoleFolder?: string | undefined
  /** Whose word /provisioner/v1 takes; undefined: nobody's. */
  readonly service?: ServiceTrust | undefined
  /** Undefined: whoever may ask may ask as often as they like. */
  readonly rateLimits?: RateLimits | undefined
  /** Where reports of holes go, a URL; undefined: nobody has said. */
  readonly securityContact?: string | undefined
  /** Addresses and networks of proxies before us, whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[]
  /** How many answers may go on at once; undefined: as many as come. */
  readonly streamLimits?: StreamLimits | undefined
  /** From one look at who may still follow events to the next; default 2,000. */
  readonly streamLookMs?: number
  /** For how long a sign-in is fresh enough for the gravest acts, in milliseconds; 0: for ever; the usual when left out. */
  readonly freshForMs?: number
  /** Signs a nonce for the address that a connection came to; undefined: nobody has a key. */
  readonly prove?: ((nonce: string, asked: Socket) => string) | undefined
  /** Stands beside every error; '' for none. */
  readonly supportUrl: string
  /** How long a request waits for the end of its task before it answers 202, in milliseconds. */
  readonly createWaitMs: number
  /** From one comment on a silent event stream to the next; default 15,000. */
  readonly heartbeatMs?: number
  /** Parts of this installation that only its process can ask, e.g. the farm. */
  readonly healthParts?: readonly (() => Promise<HealthPart>)[]
}
