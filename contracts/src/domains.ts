/**
 * A FedWiki site's domain becomes a folder on the farm and a path in a URL, and the farm checks
 * nothing: so only a lower-case A-label name without a trap in it ever becomes either.
 */
import { Refusal } from './refusals.ts'

export interface DomainRules {
  /** Sites live one label below it, e.g. `wiki.example.org`; it is the farm's root site. */
  readonly parentDomain: string
  /** The host that serves FarmManager's API; never a site of ours. */
  readonly adminHost: string
  readonly customDomains: boolean
  /** Labels that no member gets; `commons` and the like are always reserved. */
  readonly reservedLabels?: readonly string[]
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
/** Labels that no wiki of either engine gets: the farm may need them for itself. */
export const reservedLabels: ReadonlySet<string> = new Set([
  ...['admin', 'api', 'app', 'assets', 'auth', 'cdn', 'commons', 'console', 'dns', 'farm', 'ftp', 'help'],
  ...['imap', 'localhost', 'login', 'mail', 'mx', 'ns', 'ns1', 'ns2', 'pop', 'root', 'smtp', 'static'],
  ...['status', 'support', 'system', 'test-farm', 'wikistead', 'www'],
  // What JavaScript objects answer to, should a name ever be looked up in one.
  ...['constructor', 'prototype', 'hasownproperty', 'tostring', 'valueof'],
])

/**
 * Whether `domain` may stand in a URL and name a folder: a lower-case FQDN of A-labels, 253 octets at
 * most, no port, no trailing dot, no leading `www.`, no IP address.
 */
export function isPlainDomain(domain: string): boolean {
  const labels = domain.split('.')
  return (
    domain.length <= 253 &&
    labels.length >= 2 &&
    labels.every((part) => label.test(part)) &&
    labels[0] !== 'www' &&
    /[a-z]/.test(labels.at(-1) ?? '')
  )
}

/** The legal full domain that `asked` means. @throws Refusal `invalid_domain`, `name_reserved`, `custom_domains_off` */
export function resolveDomain(asked: string, isCustomDomain: boolean, rules: DomainRules): string {
  const domain = isCustomDomain ? asked : completeLabel(asked, rules.parentDomain)
  if (!isPlainDomain(domain)) {
    throw new Refusal(
      'invalid_domain',
      isCustomDomain
        ? 'A domain is lower-case letters, digits, hyphens and dots, like notes.example.org.'
        : 'A site name is 3 to 63 lower-case letters, digits and hyphens, and neither starts nor ends with a hyphen.',
      { domain: asked },
    )
  }
  if (isCustomDomain) {
    if (!rules.customDomains) {
      throw new Refusal(
        'custom_domains_off',
        'This farm does not take custom domains. Ask for a name under its own.',
      )
    }
    if (domain.endsWith(`.${rules.parentDomain}`) || rules.parentDomain.endsWith(`.${domain}`)) {
      throw new Refusal('invalid_domain', `${domain} belongs to the farm itself and is no custom domain.`)
    }
  }
  if (isReservedDomain(domain, rules)) {
    throw new Refusal('name_reserved', `${domain} is reserved for the farm itself.`, { domain })
  }
  return domain
}

/** The admin host, the root and reserved labels: never made, changed, deleted or imported. */
export function isReservedDomain(domain: string, rules: DomainRules): boolean {
  if (domain === rules.adminHost || domain === rules.parentDomain) return true
  const first = domain.slice(0, domain.indexOf('.'))
  if (domain !== `${first}.${rules.parentDomain}`) return false
  return reservedLabels.has(first) || (rules.reservedLabels ?? []).includes(first)
}

function completeLabel(asked: string, parentDomain: string): string {
  const suffix = `.${parentDomain}`
  const first = asked.endsWith(suffix) ? asked.slice(0, -suffix.length) : asked
  // Hyphens in third and fourth place are kept for A-labels (`xn--`), which a label of ours never is.
  const legal = first.length >= 3 && label.test(first) && first.slice(2, 4) !== '--'
  return legal ? first + suffix : ''
}
