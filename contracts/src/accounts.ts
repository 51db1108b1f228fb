/** What is asked and answered of accounts of our own, and of invitations to them. */
import { z } from 'zod'
import { User } from './answers/people.ts'
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

const mailAddress = z
  .email()
  .max(250)
  .transform((written) => written.trim())

/** As the console has them. */
const mailLanguage = z.enum(['en', 'zh-hans', 'ar']).default('en').describe('Of the mail')

/** For a link to oneself. */
export const AskForLink = z.strictObject({ mail: mailAddress, language: mailLanguage })
export type AskForLink = z.input<typeof AskForLink>

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
    mail: mailAddress.optional().describe('To whom the link is mailed'),
    language: mailLanguage,
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
export const NewInvitation = z.object({
  invitation: Invitation,
  url: z.string(),
  mailed: z.boolean().describe('The server of mail has taken it'),
})
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

const label = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'control characters are not allowed')
/** What a browser gives: a `PublicKeyCredential` as JSON. */
const credential = z
  .looseObject({
    id: z.string().min(1).max(2_000),
    response: z.looseObject({ clientDataJSON: z.string().min(1).max(10_000) }),
  })
  .describe('`PublicKeyCredential.toJSON()`')
export const MakePasskey = z.strictObject({ label, response: credential })
export type MakePasskey = z.infer<typeof MakePasskey>
export const PasskeyOptions = z.object({
  options: z.record(z.string(), z.unknown()).describe('For `PublicKeyCredential.parse…OptionsFromJSON()`'),
})
export type PasskeyOptions = z.infer<typeof PasskeyOptions>
export const SignInByPasskey = z.strictObject({
  response: credential,
  fresh: z.boolean().default(false).describe('Who is signed in here must be the same person'),
})

/** For whoever is about to join: by which name the browser will list the passkey. */
export const BeginToJoin = z.strictObject({ secret: secret.optional(), name: accountName.optional() })
export type BeginToJoin = z.infer<typeof BeginToJoin>

/** By an invitation, or without one where everybody may sign up. Whoever has an account keeps its name. */
export const Join = BeginToJoin.extend({
  password: password.optional(),
  passkey: MakePasskey.optional().describe('In place of a password'),
}).refine(({ password, passkey }) => (password === undefined) !== (passkey === undefined), {
  error: 'a password or a passkey',
})
export type Join = z.infer<typeof Join>

/** Either they are signed in, or the second factor is still asked for. */
export const SignInAnswer = z.object({
  user: User.nullable(),
  second_factor: z.string().nullable().describe('Sent with the code, to `POST /auth/second-factor`'),
})
export type SignInAnswer = z.infer<typeof SignInAnswer>

const code = z.string().trim().min(1).max(50)
export const SendCode = z.strictObject({ second_factor: secret, code })
export type SendCode = z.infer<typeof SendCode>
export const SecondFactorCode = z.strictObject({ code })
/** For an authenticator app; it is told once. */
export const NewSecondFactor = z.object({ secret: z.string(), url: z.string() })
export type NewSecondFactor = z.infer<typeof NewSecondFactor>
/** Each counts once, in place of a code of the app. */
export const NewRecoveryCodes = z.object({ recovery_codes: z.array(z.string()) })
export type NewRecoveryCodes = z.infer<typeof NewRecoveryCodes>

/** How I sign in. */
export const Account = z.object({
  name: z.string(),
  mail: z.string().nullable(),
  has_password: z.boolean(),
  passkeys: z.array(
    z.object({ id: z.string(), label: z.string(), created_at: time, used_at: time.nullable() }),
  ),
  /** null: none. */
  second_factor: z
    .object({ since: time, recovery_codes: z.number().int().describe('How many are left') })
    .nullable(),
})
export type Account = z.infer<typeof Account>
/** null: I have none here yet. */
export const MyAccount = z.object({ account: Account.nullable() })
export type MyAccount = z.infer<typeof MyAccount>

export const SetPassword = z.strictObject({
  name: accountName.optional().describe('By which I sign in; for whoever has no account yet'),
  password,
})
