import type { Engine } from '@wikistead/contracts'

/** What a farm makes, as the create form needs to know it. */
export interface CreateOptions {
  readonly fedwiki: {
    readonly parentDomain: string
    readonly customDomains: boolean
    readonly left?: number | undefined
  } | null
  readonly mediawiki: {
    readonly rootHost: string
    readonly languages: readonly { readonly code: string; readonly name: string }[]
    /** The language that is offered first. */
    readonly language?: string | undefined
    readonly left?: number | undefined
  } | null
  /** What the owner has still to link before a wiki of an engine can be theirs. */
  readonly needs?: readonly {
    readonly engine: Engine
    /** Whose account it is, in words. */
    readonly at: string | null
    /** Null: they cannot do it themself. */
    readonly link: string | null
  }[]
  /** The account that will own it. */
  readonly owner: string
}
