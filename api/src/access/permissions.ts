/**
 * Who may do what, all of it. Every route has its line here, or the API does not start; `enforce-permissions.ts` is the
 * one place that reads it. What a line cannot say, because it hangs on the body (an operator's fields of a wiki), asks
 * `requireActor` for more; and `app.requireFresh`, where it hangs on what stands in the store.
 */
import { consolePages, type TokenScope } from '@wikistead/contracts'

/** What costs much, or could be guessed. */
export type LimitedGroup = 'begin_sign_in' | 'create' | 'names' | 'sign_in' | 'transfer'

interface GraveField {
  readonly in: 'body' | 'query'
  readonly name: string
  /** Any value when left out. */
  readonly is?: string | boolean
}

export interface Permission {
  /**
   * `anyone`: also who is not known; `member`: whoever is signed in; `owner`: of what `of` names, and operators.
   * Roles include those below them.
   */
  readonly who: 'anyone' | 'member' | 'owner' | 'operator' | 'admin'
  /**
   * What the route's `:id` is. An owner's route asks whose it is. Where it is anyone's or any member's, they must be
   * able to see it. What somebody may not see is not there for them.
   */
  readonly of?: 'wiki' | 'task' | 'user'
  /** The wiki is named by its slug, the `:slug`. Where there is none, nobody is refused, and the route says so. */
  readonly by?: 'slug'
  /** Not even operators may stand in for the owner. */
  readonly nobodyElse?: true
  /**
   * What a token needs. `session`: no token may. null: nobody is asked who they are, and a bad token is no hindrance.
   * What operators do to things of others needs `operate` instead of `wikis`.
   */
  readonly scope: TokenScope | 'session' | null
  /** Not in a browser: what it makes would stand when that one has signed out. */
  readonly byToken?: true
  /**
   * One of the gravest acts: a person must have signed in a short while ago, and a token needs `sensitive` as well. Always,
   * or where the request has one of these fields.
   */
  readonly fresh?: true | readonly GraveField[]
  /** Beside the limit of all requests: a group of what may be asked more seldom. */
  readonly limit?: LimitedGroup
  /** Only what fails is counted: what nobody can guess is let through, however often others tried. */
  readonly limitsFailures?: true
  /** A word for the audit log. What only reads is in it for this alone. */
  readonly audit?: string
}

const open = { who: 'anyone', scope: null } as const satisfies Permission
const member = { who: 'member', scope: 'read' } as const satisfies Permission
const reading = { who: 'operator', scope: 'read' } as const satisfies Permission
const operating = { who: 'operator', scope: 'operate' } as const satisfies Permission
const administering = { who: 'admin', scope: 'admin' } as const satisfies Permission
const ofAnyWiki = { who: 'operator', of: 'wiki', scope: 'operate' } as const satisfies Permission
const changing = { who: 'owner', of: 'wiki', scope: 'wikis' } as const satisfies Permission

/** By what somebody signs in. */
const ownAccount = {
  ...{ who: 'member', scope: 'session', limit: 'sign_in', fresh: true },
} as const satisfies Permission

/** Keyed by method and Fastify's pattern of the route; HEAD is as GET. */
export const permissions: Readonly<Record<string, Permission>> = {
  // Health and the description of the API: they tell nothing of anybody's.
  'GET /healthz': open,
  'GET /readyz': open,
  'GET /metrics': reading,
  'GET /.well-known/security.txt': open,
  'GET /openapi.json': open,
  'GET /reference': open,
  'GET /reference/': open,
  'GET /reference/openapi.json': open,
  'GET /reference/openapi.yaml': open,
  'GET /reference/js/scalar.js': open,

  // Signing in, and what everybody may know before.
  'GET /v1/farm': open,
  'GET /v1/proof': open,
  'GET /v1/address': open,
  'GET /v1/session': { who: 'anyone', scope: 'read' },
  'GET /auth/local': { ...open, audit: 'sign_in', limit: 'sign_in', limitsFailures: true },
  'POST /auth/local': { ...administering, byToken: true, fresh: true },
  'GET /auth/sign-in': { ...open, limit: 'begin_sign_in' },
  'GET /auth/callback': {
    ...{ who: 'anyone', scope: 'read', audit: 'sign_in' },
    ...{ limit: 'sign_in', limitsFailures: true },
  },
  'GET /auth/hub': { ...open, limit: 'begin_sign_in' },
  'GET /auth/hub/callback': {
    ...{ who: 'anyone', scope: 'read', audit: 'sign_in' },
    ...{ limit: 'sign_in', limitsFailures: true },
  },
  // An identity is a way in that stays. It is confirmed in the session that began, within minutes.
  'GET /auth/link': { who: 'member', scope: 'session', limit: 'sign_in', fresh: true },
  'GET /auth/link/hub': { who: 'member', scope: 'session', limit: 'sign_in', fresh: true },
  'GET /v1/hub-links/:secret': { who: 'member', scope: 'session', limit: 'sign_in' },
  'POST /v1/hub-links/:secret/accept': { who: 'member', scope: 'session', limit: 'sign_in' },
  // Accounts of our own. What could be guessed is counted by account as well: see `accounts/tries.ts`.
  'POST /auth/password': { who: 'anyone', scope: 'read', audit: 'sign_in', limit: 'sign_in' },
  'POST /auth/second-factor': { who: 'anyone', scope: 'read', audit: 'sign_in', limit: 'sign_in' },
  'POST /auth/passkey/options': { ...open, audit: 'begin_sign_in', limit: 'begin_sign_in' },
  'POST /auth/passkey': { who: 'anyone', scope: 'read', audit: 'sign_in', limit: 'sign_in' },
  'POST /auth/join/passkey-options': { ...open, limit: 'sign_in' },
  'POST /auth/lost-password': { who: 'anyone', scope: 'read', audit: 'ask_for_link', limit: 'sign_in' },
  'POST /auth/sign-up': { who: 'anyone', scope: 'read', audit: 'ask_for_link', limit: 'sign_in' },
  'POST /auth/join/see': { ...open, limit: 'sign_in' },
  'POST /auth/join': { who: 'anyone', scope: 'read', audit: 'join', limit: 'sign_in' },
  // The provider, in person: what it says is signed.
  'POST /auth/back-channel-logout': { ...open, audit: 'sign_out', limit: 'sign_in', limitsFailures: true },
  'POST /auth/sign-out': { who: 'member', scope: 'session', audit: 'sign_out' },
  // Our own OpenID provider: for browsers that are signed in here, and for those who show a code or a token of it.
  'GET /openid/.well-known/openid-configuration': open,
  'GET /openid/jwks': open,
  'GET /openid/authorize': { who: 'anyone', scope: 'session', limit: 'begin_sign_in' },
  'GET /openid/authorize/:uid': { who: 'anyone', scope: 'session', limit: 'begin_sign_in' },
  'GET /openid/interaction/:uid': { who: 'anyone', scope: 'session', limit: 'begin_sign_in' },
  'POST /openid/token': { ...open, limit: 'begin_sign_in' },
  'GET /openid/userinfo': { ...open, limit: 'begin_sign_in' },
  'POST /openid/userinfo': { ...open, limit: 'begin_sign_in' },
  'GET /v1/openid-clients': { who: 'admin', scope: 'read' },
  'POST /v1/openid-clients': { ...administering, fresh: true },
  'DELETE /v1/openid-clients/:id': administering,
  'GET /v1/sessions': { who: 'member', scope: 'session' },
  'DELETE /v1/sessions/:id': { who: 'member', scope: 'session' },
  'DELETE /v1/users/:id/sessions': administering,
  // The console: files that are the same for everybody.
  'GET /': open,
  'GET /icon.svg': open,
  'GET /favicon.ico': open,
  'GET /assets/*': open,
  ...Object.fromEntries(
    consolePages.flatMap((page) => [
      [`GET /${page}`, open],
      [`GET /${page}/*`, open],
    ]),
  ),

  // Wikis. Lists hold what the one who asks may see.
  'GET /v1/wikis': { who: 'anyone', scope: 'read' },
  'POST /v1/wikis': {
    ...{ who: 'member', scope: 'wikis', limit: 'create' },
    // Whoever looks after the hub looks after the farm.
    fresh: [{ in: 'body', name: 'hub', is: true }],
  },
  'GET /v1/wikis/:id': { who: 'anyone', of: 'wiki', scope: 'read' },
  'PATCH /v1/wikis/:id': { ...changing, fresh: [{ in: 'body', name: 'owner_id' }] },
  // For good; also where nothing can be restored.
  'DELETE /v1/wikis/:id': { ...changing, fresh: [{ in: 'query', name: 'now', is: '1' }] },
  'POST /v1/wikis/:id/restore': changing,
  // Against its owner's will; an owner who is no operator cannot undo it.
  'PUT /v1/wikis/:id/suspension': { ...ofAnyWiki, audit: 'suspend' },
  'DELETE /v1/wikis/:id/suspension': { ...ofAnyWiki, audit: 'lift_suspension' },
  // It takes the machine's time, not the wiki's service.
  'POST /v1/wikis/:id/reindex': { ...ofAnyWiki, audit: 'reindex' },
  'POST /v1/wikis/:id/first-sign-in': { ...changing, nobodyElse: true, fresh: true },
  'POST /v1/wikis/:id/transfer': { ...changing, nobodyElse: true, limit: 'transfer', fresh: true },
  'DELETE /v1/wikis/:id/transfer': changing,
  'GET /v1/users/me/transfers': member,
  // By the link: who has it is whom the owner sent it to.
  'GET /v1/transfers/:secret': { ...member, limit: 'transfer' },
  'POST /v1/transfers/:secret/accept': { who: 'member', scope: 'wikis', limit: 'transfer' },
  'POST /v1/transfers/:secret/decline': { who: 'member', scope: 'wikis', limit: 'transfer' },
  // Who reads a private wiki is its owner's business, and not even an operator's; nor may one let themself in.
  'GET /v1/wikis/:id/readers': { ...changing, nobodyElse: true },
  'GET /v1/wikis/:id/accounts': { ...changing, nobodyElse: true, limit: 'names' },
  'POST /v1/wikis/:id/readers': { ...changing, nobodyElse: true, limit: 'transfer' },
  'DELETE /v1/wikis/:id/readers/:account': { ...changing, nobodyElse: true },
  'POST /v1/wikis/:id/read-invitations': { ...changing, nobodyElse: true, limit: 'transfer' },
  'DELETE /v1/wikis/:id/read-invitations/:invitation': { ...changing, nobodyElse: true },
  'GET /v1/read-invitations/:secret': { ...member, limit: 'transfer' },
  'POST /v1/read-invitations/:secret/accept': { who: 'member', scope: 'wikis', limit: 'transfer' },
  'GET /v1/names/:engine/:name': { ...member, limit: 'names' },

  // Tasks are their user's and the operators'.
  'GET /v1/tasks': member,
  'GET /v1/tasks/:id': { who: 'owner', of: 'task', scope: 'read' },
  'GET /v1/tasks/:id/events': { who: 'owner', of: 'task', scope: 'read' },
  'POST /v1/tasks/:id/retry': { who: 'owner', of: 'task', scope: 'wikis' },
  'POST /v1/tasks/:id/cancel': { who: 'owner', of: 'task', scope: 'wikis' },

  // Users, and what acts for them.
  'GET /v1/users/me': member,
  'GET /v1/users/me/wikis': member,
  'GET /v1/users/me/identity-needs': member,
  'GET /v1/users/:id/wikis': { who: 'owner', of: 'user', scope: 'read' },
  'GET /v1/users/me/quotas': member,
  'GET /v1/users/:id/quotas': { who: 'owner', of: 'user', scope: 'read' },
  'GET /v1/tokens': member,
  'POST /v1/tokens': { who: 'member', scope: 'wikis', fresh: true },
  'DELETE /v1/tokens/:id': { who: 'member', scope: 'wikis' },
  'GET /v1/users': reading,
  'GET /v1/users/:id': reading,
  // A role is an admin's to give.
  'PATCH /v1/users/:id': {
    ...operating,
    fresh: [
      { in: 'body', name: 'role' },
      { in: 'body', name: 'blocked', is: false },
    ],
  },
  'POST /v1/users': { ...administering, fresh: true },
  // What lets somebody in for good.
  'GET /v1/invitations': reading,
  'POST /v1/invitations': { ...operating, fresh: true },
  'DELETE /v1/invitations/:id': operating,
  'POST /v1/users/:id/account-link': { ...administering, fresh: true },
  'GET /v1/account': member,
  'POST /v1/account/passkeys/options': ownAccount,
  'POST /v1/account/passkeys': ownAccount,
  'DELETE /v1/account/passkeys/:id': ownAccount,
  'POST /v1/account/second-factor': ownAccount,
  'PUT /v1/account/second-factor': ownAccount,
  'DELETE /v1/account/second-factor': ownAccount,
  'POST /v1/account/recovery-codes': ownAccount,
  'PUT /v1/account/password': ownAccount,

  // The MediaWiki extension, which speaks for the hub's accounts. The `:id` of a user is the hub's.
  'GET /provisioner/v1/health': open,
  'GET /provisioner/v1/wikis': { who: 'anyone', scope: 'read' },
  'GET /provisioner/v1/wikis/public': { who: 'anyone', scope: 'read' },
  'POST /provisioner/v1/wikis': { who: 'member', scope: 'wikis', limit: 'create' },
  'GET /provisioner/v1/wikis/slug/:slug/exists': { ...member, limit: 'names' },
  'DELETE /provisioner/v1/wikis/:slug': { ...changing, by: 'slug' },
  'GET /provisioner/v1/users/:id/wikis': member,
  'GET /provisioner/v1/tasks/:id': { who: 'owner', of: 'task', scope: 'read' },
  'GET /provisioner/v1/tasks/:id/events': { who: 'owner', of: 'task', scope: 'read' },
  'POST /provisioner/v1/tasks/:id/retry': { who: 'owner', of: 'task', scope: 'wikis' },
  'POST /provisioner/v1/tasks/:id/cancel': { who: 'owner', of: 'task', scope: 'wikis' },
  // Of an account that is not known here yet.
  'POST /provisioner/v1/links': { who: 'anyone', scope: 'read' },
  'POST /provisioner/v1/sign-ins': { who: 'anyone', scope: 'read' },

  // The farm.
  'GET /v1/fedwiki/sync': reading,
  // Who gets what nobody owns.
  'PUT /v1/fedwiki/sync': { ...operating, fresh: [{ in: 'body', name: 'default_user_id' }] },
  'DELETE /v1/fedwiki/sync': operating,
  'POST /v1/fedwiki/sync/pause': operating,
  'POST /v1/fedwiki/sync/resume': operating,
  'POST /v1/fedwiki/sync/trigger': { ...operating, fresh: [{ in: 'body', name: 'confirm', is: true }] },
  'GET /v1/overview': reading,
  'GET /v1/alarms': reading,
  'POST /v1/alarms/:id/clear': operating,
  'GET /v1/audit': reading,
  'GET /v1/audit/seals': reading,
  'GET /v1/audit/export': reading,
  'GET /v1/instances': reading,
  'GET /v1/hosts': reading,
  'PATCH /v1/hosts/:host': operating,
  'DELETE /v1/hosts/:host': operating,
}

export function permissionOf(method: string, route: string): Permission | undefined {
  const key = `${method === 'HEAD' ? 'GET' : method} ${route}`
  return Object.hasOwn(permissions, key) ? permissions[key] : undefined
}
