/** What is asked and answered of accounts of our own, and of invitations to them. */
import { z } from 'zod'
import { User } from './answers.ts'
import { Duration } from './requests.ts'
import { roles } from './states.ts'

const time = z.iso.datetime()

/** One by which somebody signs in: nothing that cannot be seen, and no `@`, which only addresses of mail have. */
const accountName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}@]*$/u, 'letters, digits, blanks and signs, but no @')
  .regex(/[\p{L}\p{N}]/u, 'a letter or a digit is needed')

export const mailAddress = z
  .email()
  .max(250)
  .transform((written) => written.trim())

const password = z.string().min(1).max(1_000)
const secret = z.string().min(1).max(200)

/** By the name or the address of mail. */
export const SignInByPassword = z.strictObject({
  name: z.string().trim().min(1).max(250),
  password,
  fresh: z.boolean().default(false).describe('Who is signed in here must be the same person'),
})

/** Whom one invites; `add` makes them a user at once, who is there before they come. */
export const Invite = z
  .strictObject({
    name: accountName.optional().describe('What they are called until they say otherwise'),
    role: z.enum(roles).default('member').describe('Any but `member` is an admin’s to give'),
    add: z.boolean().default(false).describe('Make the user now; their name is needed'),
    expires_in: Duration.default('7d').describe('`30d` at most'),
  })
  .refine(({ add, name }) => !add || name !== undefined, 'a user needs a name')
export type Invite = z.input<typeof Invite>

export const Invitation = z.object({
  id: z.string(),
  /** To whom it was mailed; null: to nobody. */
  mail: z.string().nullable(),
  name: z.string().nullable(),
  role: z.enum(roles),
  /** Whose account it opens; null: somebody new. */
  user: z.object({ id: z.number().int(), name: z.string() }).nullable(),
  invited_by: z.object({ id: z.number().int(), name: z.string() }).nullable(),
  created_at: time,
  expires_at: time,
})
export type Invitation = z.infer<typeof Invitation>
export const InvitationList = z.object({ invitations: z.array(Invitation) })
export type InvitationList = z.infer<typeof InvitationList>
/** `url` is told once: it is what they open. */
export const NewInvitation = z.object({ invitation: Invitation, url: z.string() })
export type NewInvitation = z.infer<typeof NewInvitation>

export const SeeInvitation = z.strictObject({ secret })
/** What whoever has the link is told before they join. */
export const SeenInvitation = z.object({
  /** What they are called, or were; null: they say so. */
  name: z.string().nullable(),
  mail: z.string().nullable(),
  role: z.enum(roles),
  /** They have an account, and this opens it anew. */
  has_account: z.boolean(),
  expires_at: time,
})
export type SeenInvitation = z.infer<typeof SeenInvitation>

/** By an invitation, or without one where everybody may sign up. Whoever has an account keeps its name. */
export const Join = z.strictObject({
  secret: secret.optional(),
  name: accountName.optional(),
  password,
})
export type Join = z.infer<typeof Join>

/** They are signed in, and shown as. */
export const Joined = z.object({ user: User })

/** How I sign in. */
export const Account = z.object({
  name: z.string(),
  mail: z.string().nullable(),
  has_password: z.boolean(),
})
export type Account = z.infer<typeof Account>
/** null: I have none here yet. */
export const MyAccount = z.object({ account: Account.nullable() })
export type MyAccount = z.infer<typeof MyAccount>

export const SetPassword = z.strictObject({
  name: accountName.optional().describe('By which I sign in; for whoever has no account yet'),
  password,
})
