/** What the HTTP API takes; the same schemas validate and document. */
import { z } from 'zod'
import {
  engines,
  roles,
  servings,
  taskKinds,
  taskStatuses,
  tokenScopes,
  visibilities,
  wikiStatuses,
} from './states.ts'

const displayName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'control characters are not allowed')

export const CreateFedWikiSite = z.strictObject({
  engine: z.literal('fedwiki'),
  domain: z.string().min(1).max(253).describe('A site name, or a whole domain with custom_domain'),
  custom_domain: z.boolean().default(false),
  name: displayName.optional().describe("The wiki's name in lists; its domain when left out"),
  owner_name: displayName.optional().describe("The owner's name on the site; the user's own when left out"),
  visibility: z.literal('public').default('public').describe('A FedWiki site is always public'),
})

export const CreateMediaWiki = z.strictObject({
  engine: z.literal('mediawiki'),
  name: displayName,
  slug: z.string().min(1).max(100).describe('Where it is: one label before the farm’s root host'),
  language: z.string().min(2).max(35).describe('A language code of MediaWiki, e.g. `en` or `zh-hans`'),
  visibility: z.enum(visibilities).default('public'),
  owner_name: displayName
    .optional()
    .describe("The founder's account on the wiki; the user's own name when left out"),
  hub: z.boolean().default(false).describe('The wiki whose accounts the others share; for operators'),
})

export type CreateMediaWiki = z.infer<typeof CreateMediaWiki>

export const CreateWiki = z.discriminatedUnion('engine', [CreateFedWikiSite, CreateMediaWiki])
export type CreateWiki = z.infer<typeof CreateWiki>
/** As it is asked for: what has a default may be left out. */
export type WantedWiki = z.input<typeof CreateWiki>

export const ChangeWiki = z
  .strictObject({
    name: displayName.optional(),
    featured: z.boolean().optional(),
    visibility: z.enum(visibilities).optional(),
    serving: z.enum(servings).optional().describe('Whether it can be written, only read, or neither'),
    owner_id: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('The new owner; FedWiki needs our security package'),
    owner_name: displayName
      .optional()
      .describe("MediaWiki, with owner_id: the new owner's account; the user's own name when left out"),
  })
  .refine((change) => Object.keys(change).length > 0, 'nothing to change')
  .refine(
    (change) => change.owner_name === undefined || change.owner_id !== undefined,
    'owner_name goes with owner_id',
  )
export type ChangeWiki = z.infer<typeof ChangeWiki>

export const SuspendWiki = z.strictObject({
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'control characters are not allowed')
    .describe('Plain text; its owner and whoever opens the wiki read it'),
})
export type SuspendWiki = z.infer<typeof SuspendWiki>

export const LookBack = z.object({
  days: z.coerce.number().int().min(1).max(730).default(30).describe('How far to look back'),
})

export const Page = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(400).optional().describe('next_cursor of the page before'),
})

const flag = z.enum(['0', '1', 'true', 'false']).transform((value) => value === '1' || value === 'true')

export const ListWikis = Page.extend({
  engine: z.enum(engines).optional(),
  status: z.enum(wikiStatuses).optional(),
  visibility: z.enum(visibilities).optional(),
  owner: z.coerce.number().int().positive().optional(),
  featured: flag.optional(),
  q: z.string().trim().min(1).max(100).optional().describe('Part of a name or address'),
})
export type ListWikis = z.infer<typeof ListWikis>

/** All that are passed over are looked at: nobody turns so many pages. */
export const mostPassedOver = 10_000

/** As the MediaWiki extension's founders have it. */
export const ListProvisionedWikis = z.object({
  featured: flag.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  offset: z.coerce.number().int().min(0).max(mostPassedOver).default(0),
})

/** What may be a slug; which may be one, their rules say. */
export const SlugParams = z.object({ slug: z.string().min(1).max(253) })
const accountName = z.string().trim().min(1).max(255)

/** By name, as it is on the hub, or by its number there. */
export const AddReader = z
  .strictObject({ name: accountName.optional(), account: z.number().int().positive().optional() })
  .refine(({ name, account }) => (name === undefined) !== (account === undefined), 'a name, or an account')
export type AddReader = z.infer<typeof AddReader>

export const ListReaders = z.object({
  q: z.string().trim().min(1).max(100).optional().describe('How the name begins'),
})
export const FindAccounts = z.object({
  q: z.string().trim().max(100).default('').describe('How the name begins'),
})

const account = z.number().int().positive()
/** What a wiki's host reads in the store of a question about its readers. */
export const AskedOfReaders = z.object({
  slug: z.string(),
  ask: z.union([
    z.object({ do: z.literal('list'), text: accountName.optional() }),
    z.object({ do: z.literal('find'), text: z.string().max(255) }),
    z.object({ do: z.literal('add'), account }),
    z.object({ do: z.literal('add'), name: accountName }),
    z.object({ do: z.literal('remove'), account }),
  ]),
})

export const LinkHubAccount = z.strictObject({ code: z.string().min(1).max(200) })
export const SignInByHubAccount = LinkHubAccount.extend({
  signed_in_seconds_ago: z
    .number()
    .int()
    .min(0)
    .nullable()
    .default(null)
    .describe('Since when the account has shown on the hub who it is; null: it does not know'),
})

export const ListTasks = Page.extend({
  status: z.enum(taskStatuses).optional(),
  kind: z.enum(taskKinds).optional(),
  wiki: z.coerce.number().int().positive().optional(),
  user: z.coerce.number().int().positive().optional().describe("Who asked for it; another's, for operators"),
  since: z.iso.datetime({ offset: true }).optional().describe('Only what was asked for from then on'),
})
export type ListTasks = z.infer<typeof ListTasks>

/** `30m`, `1h`, `90s`, `7d`. */
export const Duration = z
  .string()
  .regex(/^[1-9]\d{0,8}(?:s|m|h|d)$/, 'a duration is a number and s, m, h or d, like 30m')

const durationUnits = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a `Duration`. */
export function parseDuration(duration: string): number {
  const unit = Duration.parse(duration).slice(-1) as keyof typeof durationUnits
  return Number(duration.slice(0, -1)) * durationUnits[unit]
}

export const PutSyncSchedule = z.strictObject({
  interval: Duration.optional(),
  default_user_id: z.number().int().positive().optional(),
})
export const SyncNote = z.strictObject({ note: z.string().trim().min(1).max(500) })
export const TriggerSync = z.strictObject({
  confirm: z.boolean().default(false).describe('Go on although many sites are gone'),
})

export const CreateUser = z.strictObject({
  name: displayName,
  subject: z.string().min(1).max(255).describe('The OIDC `sub`'),
  issuer: z.string().min(1).max(255).optional().describe('Who issued it; the sign-in provider when left out'),
  role: z.enum(roles).default('member'),
  site_limit: z
    .number()
    .int()
    .min(0)
    .max(100_000)
    .optional()
    .describe('FedWiki sites; the farm-wide limit when left out'),
})

const limit = z.number().int().min(0).max(100_000)

/** Limits and blocks are an operator's to set, roles an admin's. */
export const ChangeUser = z
  .strictObject({
    name: displayName.optional(),
    role: z.enum(roles).optional(),
    site_limit: limit.nullable().optional().describe('FedWiki sites; null: the farm-wide limit'),
    wiki_limit: limit.nullable().optional().describe('MediaWiki wikis; null: the farm-wide limit'),
    blocked: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'nothing to change')
export type ChangeUser = z.infer<typeof ChangeUser>

export const ListUsers = Page.extend({
  q: z.string().trim().min(1).max(100).optional().describe('Part of a name, or a whole subject'),
})

export const CreateToken = z.strictObject({
  label: displayName,
  scopes: z.array(z.enum(tokenScopes)).min(1).max(tokenScopes.length),
  expires_in: Duration.default('90d').describe('`365d` at most'),
})
export type CreateToken = z.infer<typeof CreateToken>

export const ExportAudit = z.object({
  after: z.coerce.number().int().min(0).default(0).describe('The number of the last seal that is at hand'),
})

export const ListAudit = Page.extend({
  actor: z.coerce.number().int().positive().optional(),
  action: z.string().min(1).max(100).optional().describe('A whole action'),
  subject: z.string().min(1).max(200).optional().describe('e.g. `wiki/12`'),
})
