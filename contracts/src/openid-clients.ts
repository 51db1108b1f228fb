/** Sites and programs whose visitors sign in at our own OpenID provider. */
import { z } from 'zod'

export const OpenidClient = z.object({
  id: z.string(),
  name: z.string(),
  /** Where sign-ins end, exactly; none for a FedWiki farm, whose sites they are. */
  redirect_uris: z.array(z.string()),
  /** Whether each of its codes needs a proof of who asked for it (RFC 7636). */
  pkce: z.boolean(),
  /** The farm's own, which comes and goes with it. */
  own: z.boolean(),
  created_at: z.string(),
})
export type OpenidClient = z.infer<typeof OpenidClient>

export const OpenidClientList = z.object({
  /** What clients are to be told; they find everything else from there. */
  issuer: z.string(),
  clients: z.array(OpenidClient),
})

export const NewOpenidClient = z.object({
  issuer: z.string(),
  client: OpenidClient,
  secret: z.string().describe('Told only now'),
})

export const openidClientId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'small letters, digits and hyphens, at most 63')
  .refine((id) => !id.startsWith('fedwiki-farm'), 'this is for the farm itself')

export const CreateOpenidClient = z.strictObject({
  id: openidClientId,
  name: z.string().trim().min(1).max(100).optional().describe('For people; the id when left out'),
  redirect_uris: z
    .array(
      z
        .string()
        .max(1_000)
        .refine(isRedirectUri, 'an address like https://wiki.example.org/callback, without #'),
    )
    .min(1)
    .max(20),
  pkce: z
    .boolean()
    .default(true)
    .describe('false: for a client that does not know PKCE and keeps its secret on a server'),
})

/** An address as a browser would have it, so that it can be compared letter by letter. */
function isRedirectUri(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, username, password, hash, href } = new URL(address)
  return (
    /^https?:$/.test(protocol) && username + password + hash === '' && !href.includes('*') && href === address
  )
}
