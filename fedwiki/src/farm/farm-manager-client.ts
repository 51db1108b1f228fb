/**
 * FarmManager takes any text for a domain and makes a path of it: to it, `/` is the whole farm. Here a domain gets into
 * a request in one place only, after it was found plain and not the farm's own, each time anew. What was changed is read
 * back: two creates at once may both be told that they made the site.
 */
import { isPlainDomain, isReservedDomain, Refusal, type DomainRules } from '@wikistead/contracts'
import { DomainLock } from '../site/domain-lock.ts'
import { FarmConnection, type FarmRequest, type Operation } from './farm-connection.ts'
import { FarmError, FarmFault } from './farm-error.ts'
import { failureOf, isForeign404, isNoSuchSite, isTrouble } from './farm-failure.ts'
import {
  capabilitiesAnswer,
  siteAnswer,
  suspensionAnswer,
  type FarmCapabilities,
  type Serving,
  type Site,
} from './farm-manager-answers.ts'
import { OpenedFarm } from './opened-farm.ts'
import { requireOwner, type OwnerJson } from '../site/owner.ts'
import { readSiteList, type ReceiveSites, type SiteListSummary } from './site-list-reader.ts'

export interface FarmManagerOptions {
  /** Where to connect, e.g. `http://127.0.0.1:3000`. */
  readonly baseUrl: string
  /** Sent as the Host header; FarmManager answers on this host only. */
  readonly adminHost: string
  /** Sent as `Authorization: Bearer`, as it is at the time. */
  readonly token: () => string
  readonly rules: DomainRules
  /** For one whole answer, and for each wait within a list; 30,000 when left out. */
  readonly timeoutMs?: number
  /** For a whole list; 240,000 when left out. */
  readonly listTimeoutMs?: number
  /** A longer list is not believed; 256 MiB when left out. */
  readonly maxListBytes?: number
}

/**
 * Every method throws a Refusal `invalid_domain` or `name_reserved` before anything is sent, FarmError for a final
 * answer of the farm, FarmFault for none, and the signal's reason when that ended it. Changes of one domain wait for
 * each other.
 */
export class FarmManagerClient implements AsyncDisposable {
  readonly #connection: FarmConnection
  readonly #farm: OpenedFarm
  readonly #rules: DomainRules
  readonly #adminDomain: string
  readonly #listTimeoutMs: number
  readonly #maxListBytes: number
  readonly #lock = new DomainLock()

  /** @throws Error on a setting that could not work */
  constructor({ baseUrl, adminHost, token, rules, timeoutMs = 30_000, ...list }: FarmManagerOptions) {
    this.#adminDomain = new URL(`http://${adminHost}`).hostname
    this.#rules = rules
    this.#listTimeoutMs = list.listTimeoutMs ?? 240_000
    this.#maxListBytes = list.maxListBytes ?? 268_435_456
    this.#connection = new FarmConnection({ baseUrl, adminHost, token, timeoutMs })
    const first: FarmRequest = { method: 'GET', path: `${sitesPath}/${this.#adminDomain}` }
    this.#farm = new OpenedFarm(this.#connection, first, Math.min(timeoutMs, 5_000))
  }

  /** Undefined only when FarmManager itself said that there is no such site. */
  async getSite(domain: string, signal: AbortSignal): Promise<Site | undefined> {
    return this.#read(domain, operation(signal))
  }

  /**
   * Makes the site and reads it back. A 409 is thrown as FarmError: whether the site there is one that an earlier
   * attempt of ours made, only the caller can know. @throws Refusal `identity_needed`
   */
  async createSite(domain: string, owner: OwnerJson, signal: AbortSignal): Promise<Site> {
    const body = { domain, owner: requireOwner(owner) }
    return this.#change(domain, signal, async (operation) => {
      this.#requireOurs(domain)
      const answer = await this.#farm.ask({ method: 'POST', path: sitesPath, body }, operation)
      if (answer.status !== 201 || answer.json === undefined) throw failureOf(answer, operation)
      const site = await this.#readBack(domain, operation)
      if (!site || site.ownerless) throw notSo('made', operation)
      // Another one was told 201 too, and wrote its owner after us.
      if (site.owner.sub !== body.owner.oauth2.id) throw new FarmError(409)
      return site
    })
  }

  /** Takes the site off the air and keeps its content. 'absent' also for a folder that the farm does not count as a site. */
  async archiveSite(domain: string, signal: AbortSignal): Promise<'archived' | 'absent'> {
    return this.#change(domain, signal, async (operation) => {
      const answer = await this.#farm.ask({ method: 'DELETE', path: this.#sitePath(domain) }, operation)
      if (isNoSuchSite(answer)) return 'absent'
      if (answer.status !== 200 || answer.json === undefined) throw failureOf(answer, operation)
      const site = await this.#readBack(domain, operation)
      if (!site) return 'absent'
      if (site.serving !== 'archived') throw notSo('archived', operation)
      return 'archived'
    })
  }

  /** Removes the site's folder for good. */
  async removeSite(domain: string, signal: AbortSignal): Promise<'removed' | 'absent'> {
    return this.#change(domain, signal, async (operation) => {
      const path = `${this.#sitePath(domain)}?hard=true`
      const answer = await this.#farm.ask({ method: 'DELETE', path }, operation)
      if (isNoSuchSite(answer)) return 'absent'
      if (answer.status !== 200 || answer.json === undefined) throw failureOf(answer, operation)
      if (await this.#readBack(domain, operation)) throw notSo('removed', operation)
      return 'removed'
    })
  }

  /** Undefined when there is no such site. */
  async setServing(domain: string, serving: Serving, signal: AbortSignal): Promise<Site | undefined> {
    return this.#change(domain, signal, async (operation) => {
      const request: FarmRequest = {
        method: 'PATCH',
        path: this.#sitePath(domain),
        body: { status: serving },
      }
      const answer = await this.#farm.ask(request, operation)
      if (isNoSuchSite(answer)) return undefined
      if (answer.status !== 200 || answer.json === undefined) throw failureOf(answer, operation)
      const site = await this.#readBack(domain, operation)
      if (site && site.serving !== serving) throw notSo(`set to ${serving}`, operation)
      return site
    })
  }

  /**
   * Hands over every site of the farm, some hundreds at a time, as the list arrives. Only when this resolves was the
   * list whole; all zero means that the farm has no sites. What `receive` throws is passed on.
   */
  async listSites(receive: ReceiveSites, signal: AbortSignal): Promise<SiteListSummary> {
    const doing = operation(signal)
    const request: FarmRequest = { method: 'GET', path: sitesPath }
    const result = await this.#farm.stream(request, doing, this.#listTimeoutMs, (body) =>
      readSiteList(body, receive, { rules: this.#rules, maxListBytes: this.#maxListBytes }),
    )
    if ('answer' in result) throw failureOf(result.answer, doing)
    return result.read
  }

  /** What the farm's security package can do; nothing when it is not ours. */
  async capabilities(signal: AbortSignal): Promise<FarmCapabilities> {
    const doing = operation(signal)
    const answer = await this.#farm.ask({ method: 'GET', path: securityPath }, doing)
    if (isTrouble(answer)) throw failureOf(answer, doing)
    const { data } = capabilitiesAnswer.safeParse(answer.status === 200 ? answer.json : undefined)
    if (!data) return { rereadsOwner: false }
    const idField = this.#ofOurDomain(data.wikiDomains)?.oauth2_IdField ?? data.oauth2_IdField
    return {
      rereadsOwner: data.rereadsOwner,
      ...(data.holdsConnections && { holdsConnections: true }),
      ...(data.suspends && { suspends: true }),
      ...(typeof idField === 'string' && { oauth2IdField: idField }),
      package: `${data.package}@${data.version}`,
    }
  }

  /**
   * Gives the site to another owner; undefined when there is no such site.
   * @throws Refusal `owner_change_unsupported` when the farm lacks our security package, `identity_needed`
   */
  async replaceOwner(domain: string, owner: OwnerJson, signal: AbortSignal): Promise<Site | undefined> {
    const body = requireOwner(owner)
    return this.#change(domain, signal, async (operation) => {
      this.#requireOurs(domain)
      const path = `${securityPath}/owners/${domain}`
      const answer = await this.#farm.ask({ method: 'PUT', path, body }, operation)
      if (isNoSuchSite(answer)) return undefined
      if (isForeign404(answer)) {
        throw new Refusal('owner_change_unsupported', 'This farm cannot change the owner of a site.')
      }
      if (answer.status !== 200 || answer.json === undefined) throw failureOf(answer, operation)
      const site = await this.#readBack(domain, operation)
      if (site && site.owner.sub !== body.oauth2.id) throw notSo('given to its new owner', operation)
      return site
    })
  }

  /** Nobody is served the site; null: as before. Only of a farm that `suspends`. 'absent': there is no such site. */
  async setSuspension(
    domain: string,
    suspension: { readonly reason: string; readonly contact: string } | null,
    signal: AbortSignal,
  ): Promise<'done' | 'absent'> {
    return this.#change(domain, signal, async (operation) => {
      const path = `${securityPath}/suspensions/${domain}`
      const request: FarmRequest =
        suspension === null ? { method: 'DELETE', path } : { method: 'PUT', path, body: suspension }
      const answer = await this.#farm.ask(request, operation)
      if (isNoSuchSite(answer)) return 'absent'
      const { data } = suspensionAnswer.safeParse(answer.status === 200 ? answer.json : undefined)
      if (data?.suspended !== (suspension !== null)) throw failureOf(answer, operation)
      return 'done'
    })
  }

  /** Ends every request under way. */
  async close(): Promise<void> {
    await this.#connection.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #change<T>(
    domain: string,
    signal: AbortSignal,
    act: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    this.#requireOurs(domain)
    return this.#lock.run(domain, signal, () => act(operation(signal)))
  }

  async #read(domain: string, operation: Operation): Promise<Site | undefined> {
    const answer = await this.#farm.ask({ method: 'GET', path: this.#sitePath(domain) }, operation)
    if (isNoSuchSite(answer)) return undefined
    const { data: site } = siteAnswer.safeParse(answer.status === 200 ? answer.json : undefined)
    if (site?.domain !== domain) throw failureOf(answer, operation)
    return site
  }

  /** After a change. A refusal to show the site is none of the change: that was made. */
  async #readBack(domain: string, operation: Operation): Promise<Site | undefined> {
    try {
      return await this.#read(domain, operation)
    } catch (error) {
      if (!(error instanceof FarmError)) throw error
      const message = `The farm did what it was asked, and then would not show the site (${String(error.status)}).`
      throw new FarmFault(message, { mayHaveReachedFarm: true, status: error.status })
    }
  }

  #sitePath(domain: string): string {
    this.#requireOurs(domain)
    return `${sitesPath}/${domain}`
  }

  #requireOurs(domain: string): void {
    if (typeof domain !== 'string' || !isPlainDomain(domain)) {
      throw new Refusal('invalid_domain', 'This is no domain that a site can have.', { domain })
    }
    if (domain === this.#adminDomain || isReservedDomain(domain, this.#rules)) {
      throw new Refusal('name_reserved', `${domain} is reserved for the farm itself.`, { domain })
    }
  }

  /** Of settings per domain, those that hold for our sites: the farm takes the longest domain that fits. */
  #ofOurDomain<T>(settings: Readonly<Record<string, T>>): T | undefined {
    const ours = this.#rules.parentDomain
    const fitting = Object.keys(settings).filter((domain) => ours === domain || ours.endsWith(`.${domain}`))
    const [longest] = fitting.sort((one, other) => other.length - one.length)
    return longest === undefined ? undefined : settings[longest]
  }
}

const sitesPath = '/plugin/farmmanager/sites'
const securityPath = '/auth/wikistead'

function operation(signal: AbortSignal): Operation {
  return { signal, mayHaveReachedFarm: false }
}

function notSo(what: string, { mayHaveReachedFarm }: Operation): FarmFault {
  return new FarmFault(`The farm says that the site was ${what}, but it was not.`, { mayHaveReachedFarm })
}
