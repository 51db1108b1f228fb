/** What is answered about wikis, and who may have or read them. */
import { z } from 'zod'
import { engines, servings, transferStatuses, visibilities, wikiStatuses } from '../states.ts'
import { time } from './time.ts'

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

export const Name = z.object({
  engine: z.enum(engines),
  name: z.string(),
  address: z.string(),
  state: z.enum(['free', 'taken', 'reserved', 'restorable', 'invalid']),
  reason: z.string().optional(),
})
export type Name = z.infer<typeof Name>
