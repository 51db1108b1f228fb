/** What FarmManager and our security package answer, as far as we believe it; whatever else is in it is dropped. */
import { z } from 'zod'
import { isOwnerless, siteOwner, type SiteOwner } from '../site/owner.ts'

const servings = ['active', 'readonly', 'archived'] as const

/** What a site does for visitors: takes edits, shows pages only, shows a notice only. */
export type Serving = (typeof servings)[number]

/** A site as the farm sees it, without the rest of its owner.json. */
export interface Site {
  readonly domain: string
  readonly serving: Serving
  readonly owner: SiteOwner
  /** Nobody owns it: owner.json is missing, unreadable or empty, and whoever comes first may write. An incident. */
  readonly ownerless: boolean
  readonly pages: number
  readonly storageBytes?: number
  /** Of the newest file, ISO 8601 UTC. */
  readonly lastModified?: string
}

export interface FarmCapabilities {
  /** Ownership follows owner.json at once, so a name may go to another owner. */
  readonly rereadsOwner: boolean
  /** Visitors cannot have the farm ask what only its own machine reaches. */
  readonly holdsConnections?: true
  /** A site can be taken out of service against whatever FarmManager says of it. */
  readonly suspends?: true
  /** Where the farm finds the signed-in user's id; `token.sub` is what our owners need. */
  readonly oauth2IdField?: string
  /** Of the security package, with its version. */
  readonly package?: string
}

export const siteAnswer = z
  .object({
    name: z.string().min(1),
    status: z.enum(servings),
    owner: z.record(z.string(), z.unknown()),
    pages: z.int().nonnegative(),
    storageBytes: z.int().nonnegative().optional(),
    lastModified: z.iso.datetime().nullish(),
  })
  .transform(({ name, status, owner, pages, storageBytes, lastModified }): Site => ({
    domain: name,
    serving: status,
    owner: siteOwner(owner),
    ownerless: isOwnerless(owner),
    pages,
    ...(storageBytes !== undefined && { storageBytes }),
    ...(typeof lastModified === 'string' && { lastModified }),
  }))

/** FarmManager's own 404: the one proof that there is no such site. */
export const noSuchSiteAnswer = z.object({ error: z.literal('Site not found') })

const idField = z.string().max(200).nullish()

/** What it says of a suspension that it was told of. */
export const suspensionAnswer = z.object({ domain: z.string(), suspended: z.boolean() })

/** `GET /auth/wikistead` of our security package. */
export const capabilitiesAnswer = z.object({
  package: z.string().max(100),
  version: z.string().max(100),
  rereadsOwner: z.boolean(),
  holdsConnections: z.boolean().default(false),
  suspends: z.boolean().default(false),
  oauth2_IdField: idField,
  /** What each of these domains and the sites below it have instead. */
  wikiDomains: z.record(z.string(), z.object({ oauth2_IdField: idField })).default({}),
})
