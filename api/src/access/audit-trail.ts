/**
 * One row for every write and every refused one, written where its answer is sent. It says who, what and how it ended;
 * never what was in the request, save for a reason that an operator gave for the record.
 *
 * A row that cannot be written is owed: it is kept here, told in the process' log, and written before anything else. So
 * long as one is owed, writes are refused instead of done unseen. What was under way when the first row failed is done
 * all the same: its answer says what is true.
 */
import { Refusal, type ActingBy } from '@wikistead/contracts'
import type { NewAuditRow, Store } from '@wikistead/store'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** What a handler knows of its request that its path does not say. */
export interface AuditNote {
  /** Who it turned out to be, where nobody acts yet: at a sign-in. */
  readonly userId?: number
  readonly by?: ActingBy
  readonly action?: string
  /** e.g. `wiki/12` */
  readonly subject?: string
  /** Why it was refused, where the answer is no problem (a redirection). */
  readonly code?: string
  /** What they gave as a reason, where they had to: it is for the record that it is asked. */
  readonly reason?: string
}

declare module 'fastify' {
  interface FastifyRequest {
    auditNote: AuditNote | undefined
  }
  interface FastifyInstance {
    /** Where an answer is written by somebody else than Fastify. */
    auditNow: (request: FastifyRequest, status: number) => Promise<void>
  }
}

export function noteForAudit(request: FastifyRequest, note: AuditNote): void {
  request.auditNote = { ...request.auditNote, ...note }
}

/** To be called before permissions are enforced: what these refuse is written as well. */
export function keepAudit(app: FastifyInstance, store: Store): void {
  const trail = new AuditTrail(store)
  app.decorateRequest('auditNote', undefined)
  app.decorate('auditNow', (request: FastifyRequest, status: number) =>
    trail.write(request, rowOf(request, status, store.now())),
  )
  app.addHook('preHandler', async (request) => {
    if (isAudited(request)) await trail.payWhatIsOwed(request)
  })
  app.addHook('onSend', async (request, { statusCode }) => {
    if (isAudited(request)) await trail.write(request, rowOf(request, statusCode, store.now()))
  })
}

const isAudited = ({ method, permission }: FastifyRequest): boolean =>
  permission !== undefined && (!['GET', 'HEAD'].includes(method) || permission.audit !== undefined)

/** More than could be under way at once. */
const mostOwed = 1_000
const repeatMs = 60_000

class AuditTrail {
  readonly #store: Store
  #owed: readonly NewAuditRow[] = []
  /** Who was told to slow down for what, and when that was last written. */
  readonly #slowed = new Map<string, number>()

  constructor(store: Store) {
    this.#store = store
  }

  /** @throws Refusal `store_unavailable` while rows are owed */
  async payWhatIsOwed({ log }: FastifyRequest): Promise<void> {
    const owed = this.#owed
    if (owed.length === 0) return
    try {
      await this.#store.audit.append(owed)
    } catch (error) {
      log.error({ err: error, owed: owed.length }, 'the audit log cannot be written')
      throw new Refusal(
        'store_unavailable',
        'Nothing can be changed until the audit log can be written. Try later.',
      )
    }
    this.#owed = this.#owed.filter((row) => !owed.includes(row))
  }

  async write(request: FastifyRequest, row: NewAuditRow): Promise<void> {
    if (row.code === 'rate_limited' && this.#isRepeated(request, row)) return
    try {
      await this.#store.audit.append([row])
    } catch (error) {
      request.log.error({ err: error, audit: row }, 'a row of the audit log could not be written')
      if (this.#owed.length < mostOwed) this.#owed = [...this.#owed, row]
    }
  }

  /** Who goes on and on is written once a minute: a flood must not become one of rows. */
  #isRepeated({ ip }: FastifyRequest, { userId, action, at }: NewAuditRow): boolean {
    const key = `${String(userId ?? ip)} ${action}`
    if (at - (this.#slowed.get(key) ?? 0) < repeatMs) return true
    if (this.#slowed.size > 10_000) this.#slowed.clear()
    this.#slowed.set(key, at)
    return false
  }
}

function rowOf(request: FastifyRequest, status: number, at: number): NewAuditRow {
  const { method, routeOptions, permission, acting, auditNote, id, headers, ip } = request
  const unknownBy = headers.authorization === undefined ? 'session' : 'token'
  return {
    at,
    userId: acting?.user.user_id ?? auditNote?.userId ?? null,
    actingBy: acting?.by ?? auditNote?.by ?? unknownBy,
    action: auditNote?.action ?? permission?.audit ?? `${method} ${routeOptions.url ?? ''}`,
    subject: auditNote?.subject ?? subjectOf(request),
    status,
    code: auditNote?.code ?? null,
    requestId: id,
    address: ip,
    reason: auditNote?.reason,
  }
}

/** `/v1/wikis/:id/…` → `wiki/12`. What is secret in a path is no `:id`. */
function subjectOf({ routeOptions, params }: FastifyRequest): string {
  const [, noun = '', name = ''] = /\/(\w+)s\/:(id|host)(?:\/|$)/.exec(routeOptions.url ?? '') ?? []
  const value = (params as Readonly<Record<string, unknown>> | undefined)?.[name]
  return typeof value === 'string' || typeof value === 'number' ? `${noun}/${String(value)}` : ''
}
