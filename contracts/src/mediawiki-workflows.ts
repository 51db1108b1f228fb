/** Inputs, outputs and sentences of the MediaWiki workflows. Zod-free: workflows import values from here. */
import type { Serving, Visibility } from './states.ts'

export interface MediaWikiTaskInput {
  /** Database user id of the wiki's owner. */
  readonly userId: number
  readonly slug: string
  /** Where the wiki's folder is, by name; chosen when the task was admitted. */
  readonly host: string
  /** Stands beside an error message; '' for none. */
  readonly supportUrl: string
  /** Milliseconds that one phase may go on trying, the host's absence included; `phasePatienceMs` when left out. */
  readonly patienceMs?: number
}

export interface CreateMediaWikiWorkflowInput extends MediaWikiTaskInput {
  readonly name: string
  readonly language: string
  readonly visibility: Visibility
  /** Display name of the owner, who becomes bureaucrat and sysop. */
  readonly ownerName: string
  /** Their account on the hub, by its number: names change hands. Left out: whoever has the name. */
  readonly ownerAccount?: number
  /** The wiki whose accounts the others share; it shares nobody's. */
  readonly isHub: boolean
  /** What finds its pages. */
  readonly search: 'cirrus' | 'core'
  /** The wiki is there, and only this phase is done again. */
  readonly resume?: 'index'
}

/** What finds its pages is to be made again. */
export interface ReindexWikiInput extends MediaWikiTaskInput {
  readonly search: 'cirrus' | 'core'
  /** All of it, not the pages alone. */
  readonly resume: 'index'
}

/** What is to be otherwise; the rest stays. */
export interface MediaWikiChange {
  readonly name?: string | undefined
  readonly visibility?: Visibility | undefined
  readonly serving?: Serving | undefined
  readonly owner?:
    | {
        readonly userId: number
        /** Of their account: on the hub, or on a wiki with accounts of its own where nobody has it. */
        readonly name: string
        /** On the hub, by its number; left out: whoever has the name. */
        readonly account?: number | undefined
      }
    | undefined
}

export type ChangeMediaWikiWorkflowInput = MediaWikiTaskInput & MediaWikiChange

export interface MediaWikiTaskOutput {
  readonly success: boolean
  /** A sentence for the user, on failure. */
  readonly errorMessage?: string
  readonly supportUrl?: string
}

export interface CreateMediaWikiWorkflowOutput extends MediaWikiTaskOutput {
  /** Database wiki id, on success. */
  readonly wikiId?: number
  /** What went wrong although the wiki works. */
  readonly warning?: string
}

/** A one-time link for the owner of a wiki with accounts of its own. Of its key only the print is known here. */
export interface OfferFirstSignInInput {
  readonly userId: number
  readonly slug: string
  readonly host: string
  /** SHA-256 of the key, hex. */
  readonly keyHash: string
  /** When it ends, in seconds since 1970. */
  readonly until: number
}

export interface OfferFirstSignInOutput {
  /** The owner's account there. */
  readonly user: string
}

/** How long such a link counts. */
export const firstSignInMs = 15 * 60_000

/** About the readers of a private wiki: what exactly is asked, the store says under the key. */
export interface WikiReadersInput {
  readonly slug: string
  readonly host: string
  readonly key: string
}

/** What can be asked of them. `account`: its number on the hub. */
export type WikiReadersAsk =
  | { readonly do: 'list'; readonly text?: string }
  /** Accounts of the hub, whether they read the wiki or not. */
  | { readonly do: 'find'; readonly text: string }
  | { readonly do: 'add'; readonly account: number }
  | { readonly do: 'add'; readonly name: string }
  | { readonly do: 'remove'; readonly account: number }

/** An account of the hub, and which of the groups that read it is in on the wiki. */
export interface KnownReader {
  readonly account: number
  readonly name: string
  readonly groups: readonly string[]
}

export interface WikiReadersOutput {
  /** Of `add` and `remove` the one. */
  readonly readers: readonly KnownReader[]
  /** There are more than are told. */
  readonly more: boolean
}

/** Who is in one of them reads a private wiki that shares a hub's accounts: as `LocalSettings.php` of the template has it. */
export const readingGroups = ['member', 'sysop', 'bureaucrat', 'bot'] as const

/** What a user reads of a MediaWiki wiki alone. */
export const mediaWikiSentences = {
  host_away:
    'The machine that this wiki is on has been away for too long. Please try again later, or contact support.',
  command_failed: 'One of MediaWiki’s own scripts failed. Everything was undone. Please contact support.',
  engine_unavailable:
    'The farm could not finish this in time. Everything was undone. Please try again in a few minutes.',
  index_cancelled:
    'The wiki works. The building of its search index was cancelled, so pages may not be found by search yet.',
  index_failed:
    'The wiki works, but its search index could not be built. Pages may not be found by search yet.',
} as const

export const phasePatienceMs = 15 * 60_000
