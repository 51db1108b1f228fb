/** How members sign in: where browsers reach us, and the OpenID provider that knows them. */
import { about } from './about.ts'
import * as kinds from './kinds.ts'

export const signInSettings = {
  'public-url': kinds.httpUrl.optional().register(about, {
    type: 'url',
    default: 'where the API listens',
    meaning:
      'where browsers reach this installation, e.g. `https://farm.example.net`, on a domain that no wiki is below; every link and cookie follows from it',
  }),
  'oidc-issuer': kinds.issuer.optional().register(about, {
    type: 'url',
    meaning:
      'the OpenID provider that members sign in at, as it names itself; with it the API may listen beyond this machine',
  }),
  'oidc-client-id': kinds.text.optional().register(about, {
    type: 'name',
    meaning: 'as what the provider knows this installation',
  }),
  'oidc-client-secret': kinds.secret(1).optional().register(about, {
    type: 'secret',
    secret: true,
    meaning: 'what the provider gave for that; none for a public client',
  }),
  'oidc-client-auth': kinds.oneOf(['client_secret_basic', 'client_secret_post']).optional().register(about, {
    type: 'word',
    default: 'what the provider names; where it refuses that, the other is tried once',
    meaning:
      'how the secret is shown: client_secret_basic or client_secret_post, as the provider has it for this client',
  }),
  'oidc-scopes': kinds.oidcScopes.prefault('openid profile').register(about, {
    type: 'words',
    meaning: 'what the provider is asked for, with blanks between',
  }),
  'oidc-name': kinds.text.optional().register(about, {
    type: 'name',
    default: 'the host of `oidc-issuer`',
    meaning: 'how people call the provider, for the sign-in page',
  }),
  'oidc-admin-subjects': kinds.list(kinds.text).prefault([]).register(about, {
    type: 'list',
    meaning: 'whoever has one of these as `sub` becomes an admin when they sign in',
  }),
  'sign-in-fresh-for': kinds.duration('0s', '7d').prefault('15m').register(about, {
    type: 'duration',
    meaning:
      'for how long after signing in somebody may do the gravest acts (roles, tokens, giving a wiki away, removing it for good); after that they sign in again. 0 asks nobody, for a provider that does not say when people signed in (`auth_time`)',
  }),
  'operator-session-idle': kinds.duration('5m', '7d').prefault('2h').register(about, {
    type: 'duration',
    meaning: 'after how long without a request an operator or admin is signed out; members after 7 days',
  }),
  'operator-session-life': kinds.duration('10m', '30d').prefault('12h').register(about, {
    type: 'duration',
    meaning: 'after how long an operator or admin is signed out in any case; members after 30 days',
  }),
}
