/** What known holes of our dependencies mean: those of weight fail, unless somebody has looked at them, for a while. */

/** What `npm audit --json` says, as far as it is read here. */
export interface AuditReport {
  readonly vulnerabilities: Readonly<Record<string, { readonly via: readonly (string | Advisory)[] }>>
}

interface Advisory {
  readonly name: string
  readonly title: string
  readonly url: string
  readonly severity: string
  readonly range: string
}

/** One that does not reach us. */
export interface Allowed {
  /** The last part of its address, such as GHSA-xxxx-xxxx-xxxx. */
  readonly id: string
  readonly package: string
  readonly reason: string
  /** The last day on which that counts, YYYY-MM-DD: then somebody looks again. */
  readonly until: string
}

export interface Judgement {
  readonly failing: readonly string[]
  readonly told: readonly string[]
}

const weighty: ReadonlySet<string> = new Set(['high', 'critical'])

/** @param today YYYY-MM-DD */
export function judgeAdvisories(
  { vulnerabilities }: AuditReport,
  allowed: readonly Allowed[],
  today: string,
): Judgement {
  const found = Object.values(vulnerabilities)
    .flatMap(({ via }) => via)
    // A name is that of another package, which has its own.
    .filter((via): via is Advisory => typeof via !== 'string')
  const advisories = [...new Map(found.map((each) => [`${idOf(each)} ${each.name}`, each])).values()]
  const failing: string[] = []
  const told: string[] = []
  for (const advisory of advisories) {
    const { name, title, url, severity, range } = advisory
    const known = allowed.find((each) => each.id === idOf(advisory) && each.package === name)
    const words = `${severity}: ${name} ${range}: ${title} (${url})`
    if (!weighty.has(severity)) told.push(words)
    else if (known === undefined) failing.push(words)
    else if (known.until < today) failing.push(`${words}; it was allowed until ${known.until} only`)
    else told.push(`${words}; allowed until ${known.until}: ${known.reason}`)
  }
  const ids = new Set(advisories.map(idOf))
  for (const { id, package: name } of allowed) {
    if (!ids.has(id)) told.push(`${id} of ${name} is allowed and no longer found: take it out`)
  }
  return { failing, told }
}

const idOf = ({ url }: Advisory): string => url.split('/').at(-1) ?? url

/** Undefined for anything but a report: a registry that has none answers otherwise. */
export function readReport(text: string): AuditReport | undefined {
  try {
    const report = JSON.parse(text) as Partial<AuditReport> | null
    return typeof report?.vulnerabilities === 'object' ? (report as AuditReport) : undefined
  } catch {
    return undefined
  }
}
