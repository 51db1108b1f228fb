/** A line of the table of permissions, in words: for docs/permissions.md and the description of the API. */
import type { Permission } from './permissions.ts'

export function whoMay({ who, of, nobodyElse, scope, byToken }: Permission): string {
  switch (who) {
    case 'anyone':
      return of === undefined ? 'anyone' : `anyone who may see the ${of}`
    case 'member':
      return scope === 'session' ? 'who is signed in' : 'any user'
    case 'owner':
      if (nobodyElse === true) return `the ${of ?? ''}’s owner alone`
      return of === 'user' ? 'that user, and operators' : `the ${of ?? ''}’s owner, and operators`
    case 'operator':
      return 'operators'
    case 'admin':
      return byToken === true ? 'admins, by a token' : 'admins'
  }
}

export function tokenNeeds({ who, of, scope, nobodyElse }: Permission): string {
  if (scope === null) return 'none is asked for'
  if (scope === 'session') return 'no token may'
  const forOthers = who === 'owner' && of !== 'user' && scope === 'wikis' && nobodyElse !== true
  return forOthers ? '`wikis`; `operate` for what is another’s' : `\`${scope}\``
}

/** Where a person must have signed in a short while ago, and a token needs `sensitive`; '' where not. */
export function freshWhere({ fresh }: Permission): string {
  if (fresh === undefined) return ''
  if (fresh === true) return 'always'
  const fields = fresh.map(({ name, is }) => `\`${name}${is === undefined ? '' : `=${String(is)}`}\``)
  return `with ${fields.join(' or ')}`
}

/** For the description of an operation. */
export function permissionSentences(permission: Permission): string {
  const who = whoMay(permission)
  const needs = permission.scope === null ? '' : ` Scope of a token: ${tokenNeeds(permission)}.`
  const where = freshWhere(permission)
  const grave = where === 'always' ? '' : ` ${where}`
  const fresh = where === '' ? '' : ` Needs a fresh sign-in${grave}, or a token with \`sensitive\` as well.`
  return `For ${who}.${needs}${fresh}`
}
