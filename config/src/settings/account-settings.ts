/** Accounts of our own, for a farm without an OpenID provider. */
import { about } from './about.ts'
import * as kinds from './kinds.ts'

export const accountSettings = {
  accounts: kinds.yesOrNo.optional().register(about, {
    type: 'boolean',
    default: 'true, unless `oidc-issuer` is set',
    meaning:
      'members have accounts here, with passwords and passkeys; never beside an OpenID provider, which knows them itself',
  }),
  'accounts-sign-up': kinds.signUp.prefault('invitation').register(about, {
    type: 'words',
    meaning:
      'who may make an account: anybody (`open`), whom an operator invites (`invitation`), or as well whoever reads mail at one of these domains (`example.org, example.net`), which needs `smtp-server`',
  }),
}
