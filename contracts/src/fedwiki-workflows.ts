/** Inputs, outputs and sentences of the FedWiki workflows. Zod-free: workflows import values from here. */
import { sentences } from './sentences.ts'

export interface CreateFedWikiSiteWorkflowInput {
  /** Database user id. */
  readonly userId: number
  /** A label, completed with the parent domain, or a custom domain. */
  readonly domain: string
  /** Display name of the owner. */
  readonly ownerName: string
  /** The owner's OIDC subject, as FedWiki's `oauth2_IdField` sees it. */
  readonly ownerId: string
  readonly isCustomDomain: boolean
  /** Stands beside an error message; '' for none. */
  readonly supportUrl: string
}

export interface CreateFedWikiSiteWorkflowOutput {
  readonly success: boolean
  /** Database site id, on success. */
  readonly siteId?: number
  /** Full domain, on success. */
  readonly domain?: string
  /** A sentence for the user, on failure. */
  readonly errorMessage?: string
  readonly supportUrl?: string
}

export interface DeleteFedWikiSiteWorkflowInput {
  readonly userId: number
  /** Full domain to delete. */
  readonly domain: string
  readonly supportUrl: string
}

export interface DeleteFedWikiSiteWorkflowOutput {
  readonly success: boolean
  readonly errorMessage?: string
  readonly supportUrl?: string
}

export interface SyncFedWikiSitesWorkflowInput {
  /** Who gets a site that nobody known owns; typically the admin. */
  readonly defaultUserId: number
}

export interface SyncFedWikiSitesWorkflowOutput {
  readonly success: boolean
  readonly sitesFound: number
  readonly sitesAdded: number
  readonly sitesRemoved: number
  readonly errorMessage?: string
  /** When the sync completed, ISO 8601 UTC. */
  readonly syncTimestamp: string
}

/** What a user reads of the farm; the first three are the founding document's, byte for byte. */
export const fedWikiSentences = {
  farm_conflict: sentences.name_taken,
  farm_forbidden: "You don't have permission to perform this action.",
  farm_unauthorized: 'Authentication failed. Please contact support.',
  farm_rejected: 'The farm did not accept this request. Please contact support.',
  farm_unavailable: 'The farm could not be reached. Nothing was changed. Please try again in a few minutes.',
  site_ownerless:
    'The site was left without an owner when the farm failed. It is locked until an operator has looked at it.',
} as const

/** The `type` of the failure that the farm's 401, 403 and 409 become: never retried. */
export const farmManagerApiError = 'FarmManagerAPIError'

export const syncScheduleId = 'fedwiki-sync'
export const syncWorkflowIdPrefix = 'fedwiki-sync-run'
