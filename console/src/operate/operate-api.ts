/** What the operator pages ask of the API. */
import { FarmApiError } from '@wikistead/components'
import type {
  Alarm,
  AuditList,
  AuditSeals,
  ChangeUser,
  Host,
  InstanceList,
  Overview,
  InvitationList,
  Invite,
  NewInvitation,
  QuotaList,
  Readiness,
  SyncSchedule,
  TaskAccepted,
  TaskList,
  User,
  UserList,
  Wiki,
  WikiList,
} from '@wikistead/contracts'
import type { Http } from '../http.ts'
import { useSession } from '../session.ts'

/** Of a list: its filters, its cursor and its length. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

type Alarms = { readonly alarms: readonly Alarm[] }
type Hosts = { readonly hosts: readonly Host[] }
type SyncChange = { readonly interval?: string; readonly default_user_id?: number }

/** Nobody waits for the end of a task within a request: its page does. */
const later = { prefer: 'respond-async' }

export class OperateApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  wikis = (query: Query): Promise<WikiList> => this.#http.json('GET', '/v1/wikis', { query })
  setFeatured = (wikiId: number, featured: boolean): Promise<Wiki> =>
    this.#http.json('PATCH', `/v1/wikis/${wikiId}`, { body: { featured } })
  suspend = (wikiId: number, reason: string): Promise<Wiki | TaskAccepted> =>
    this.#http.json('PUT', `/v1/wikis/${wikiId}/suspension`, { headers: later, body: { reason } })
  liftSuspension = (wikiId: number): Promise<Wiki | TaskAccepted> =>
    this.#http.json('DELETE', `/v1/wikis/${wikiId}/suspension`, { headers: later })
  wiki = (wikiId: number): Promise<Wiki> => this.#http.json('GET', `/v1/wikis/${wikiId}`)

  tasks = (query: Query): Promise<TaskList> => this.#http.json('GET', '/v1/tasks', { query })
  retryTask = (taskId: string): Promise<TaskAccepted> =>
    this.#http.json('POST', `/v1/tasks/${encodeURIComponent(taskId)}/retry`)

  sync = (): Promise<SyncSchedule> => this.#http.json('GET', '/v1/fedwiki/sync')
  changeSync = (change: SyncChange): Promise<SyncSchedule> =>
    this.#http.json('PUT', '/v1/fedwiki/sync', { body: change })
  removeSync = (): Promise<SyncSchedule> => this.#http.json('DELETE', '/v1/fedwiki/sync')
  pauseSync = (note: string): Promise<SyncSchedule> =>
    this.#http.json('POST', '/v1/fedwiki/sync/pause', { body: { note } })
  resumeSync = (note: string): Promise<SyncSchedule> =>
    this.#http.json('POST', '/v1/fedwiki/sync/resume', { body: { note } })
  triggerSync = (confirm: boolean): Promise<{ readonly task_id: string }> =>
    this.#http.json('POST', '/v1/fedwiki/sync/trigger', { body: { confirm } })

  overview = (days: number): Promise<Overview> => this.#http.json('GET', '/v1/overview', { query: { days } })

  alarms = (all = false): Promise<Alarms> =>
    this.#http.json('GET', '/v1/alarms', { query: { all: all ? '1' : '0' } })
  clearAlarm = (alarmId: number): Promise<Alarms> =>
    this.#http.json('POST', `/v1/alarms/${alarmId}/clear`, { body: {} })

  users = (query: Query): Promise<UserList> => this.#http.json('GET', '/v1/users', { query })
  user = (userId: number): Promise<User> => this.#http.json('GET', `/v1/users/${userId}`)
  changeUser = (userId: number, change: ChangeUser): Promise<User> =>
    this.#http.json('PATCH', `/v1/users/${userId}`, { body: change })
  quotasOf = (userId: number): Promise<QuotaList> => this.#http.json('GET', `/v1/users/${userId}/quotas`)
  endSessionsOf = (userId: number): Promise<unknown> =>
    this.#http.json('DELETE', `/v1/users/${userId}/sessions`)

  invitations = (): Promise<InvitationList> => this.#http.json('GET', '/v1/invitations')
  invite = (wanted: Invite): Promise<NewInvitation> =>
    this.#http.json('POST', '/v1/invitations', { body: wanted })
  withdrawInvitation = (id: string): Promise<InvitationList> =>
    this.#http.json('DELETE', `/v1/invitations/${encodeURIComponent(id)}`)
  accountLink = (userId: number): Promise<NewInvitation> =>
    this.#http.json('POST', `/v1/users/${userId}/account-link`)

  audit = (query: Query): Promise<AuditList> => this.#http.json('GET', '/v1/audit', { query })
  auditSeals = (): Promise<AuditSeals> => this.#http.json('GET', '/v1/audit/seals')

  instances = (): Promise<InstanceList> => this.#http.json('GET', '/v1/instances')
  hosts = (): Promise<Hosts> => this.#http.json('GET', '/v1/hosts')
  drainHost = (host: string, draining: boolean): Promise<Host> =>
    this.#http.json('PATCH', `/v1/hosts/${encodeURIComponent(host)}`, { body: { draining } })
  removeHost = (host: string): Promise<Hosts> =>
    this.#http.json('DELETE', `/v1/hosts/${encodeURIComponent(host)}`)

  /** Also what is down answers: with what is wrong with it. */
  readiness = async (): Promise<Readiness> => {
    const answer = await fetch('/readyz').catch(() => undefined)
    const said = (await answer?.json().catch(() => undefined)) as Partial<Readiness> | undefined
    if (said?.parts === undefined) {
      throw new FarmApiError({ status: 0, code: navigator.onLine ? 'unreachable' : 'offline' })
    }
    return said as Readiness
  }
}

export function useOperateApi(): OperateApi {
  return new OperateApi(useSession().http)
}
