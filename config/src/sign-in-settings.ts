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
}
