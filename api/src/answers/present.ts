/** Rows as the API shows them. */
import {
  tokenScopes,
  type Alarm,
  type AuditEntry,
  type ListedTask,
  type MediaWikiChange,
  type Task,
  type Token,
  type User,
  type Wiki,
} from '@wikistead/contracts'
import {
  scopesOf,
  tokenId,
  type AlarmRow,
  type AuditRow,
  type Store,
  type TaskRow,
  type TokenRow,
  type UserRow,
  type WikiRow,
} from '@wikistead/store'

const time = (ms: number): string => new Date(ms).toISOString()
const timeOrNull = (ms: number | null): string | null => (ms === null ? null : time(ms))

export type WikiUrl = (wiki: WikiRow) => string

export function presentWiki(wiki: WikiRow, ownerName: string, url: WikiUrl): Wiki {
  return {
    id: wiki.wiki_id,
    engine: wiki.engine,
    name: wiki.name,
    address: wiki.address,
    url: url(wiki),
    status: wiki.status,
    serving: wiki.serving,
    visibility: wiki.visibility,
    featured: wiki.featured === 1,
    custom_domain: wiki.custom_domain === 1,
    owner: { id: wiki.owner_id, name: ownerName },
    language: wiki.language,
    host: wiki.host,
    task_id: wiki.task_id,
    created_at: time(wiki.created_at),
    updated_at: time(wiki.updated_at),
    purge_after: timeOrNull(wiki.purge_after),
    suspension: suspensionOf(wiki),
  }
}

const suspensionOf = ({
  suspended_at: since,
  suspension_reason: reason,
  suspension_due: due,
}: WikiRow): Wiki['suspension'] =>
  since === null ? null : { reason: reason ?? '', since: time(since), in_effect: due === null }

export async function presentWikis(store: Store, wikis: readonly WikiRow[], url: WikiUrl): Promise<Wiki[]> {
  const names = await store.users.namesOf([...new Set(wikis.map(({ owner_id: id }) => id))])
  return wikis.map((wiki) => presentWiki(wiki, names.get(wiki.owner_id) ?? '', url))
}

export function presentTask(task: TaskRow): Task {
  return {
    id: task.task_id,
    kind: task.kind,
    engine: task.engine,
    status: task.status,
    phase: task.phase,
    progress: task.progress,
    message: task.message,
    code: task.code,
    warning: task.warning,
    support_url: task.support_url,
    wiki_id: task.wiki_id,
    user_id: task.user_id,
    run: task.run,
    last_event_id: task.last_seq,
    created_at: time(task.created_at),
    updated_at: time(task.updated_at),
    ended_at: timeOrNull(task.ended_at),
    change: changeOf(task),
  }
}

/** What its workflow was told to change: of either engine. */
function changeOf({ kind, input }: TaskRow): Task['change'] {
  if (kind !== 'change_wiki') return null
  const { name, visibility, serving, owner } = JSON.parse(input) as MediaWikiChange
  return {
    ...(name !== undefined && { name }),
    ...(visibility !== undefined && { visibility }),
    ...(serving !== undefined && { serving }),
    ...(owner !== undefined && { owner: owner.name }),
  }
}

export async function presentTasks(store: Store, tasks: readonly TaskRow[]): Promise<ListedTask[]> {
  const wikis = await store.wikis.byIds([...new Set(tasks.flatMap(({ wiki_id: id }) => id ?? []))])
  const userNames = await store.users.namesOf([...new Set(tasks.map(({ user_id: id }) => id))])
  return tasks.map((task) => ({
    ...presentTask(task),
    wiki_name: task.wiki_id === null ? null : (wikis.get(task.wiki_id)?.name ?? null),
    user_name: userNames.get(task.user_id) ?? '',
  }))
}

export async function presentUser(store: Store, user: UserRow): Promise<User> {
  return { ...userFields(user), identities: await store.users.identities(user.user_id) }
}

export async function presentUsers(store: Store, users: readonly UserRow[]): Promise<User[]> {
  const identities = await store.users.identitiesOf(users.map(({ user_id: id }) => id))
  return users.map((user) => ({ ...userFields(user), identities: identities.get(user.user_id) ?? [] }))
}

function userFields(user: UserRow): Omit<User, 'identities'> {
  return {
    id: user.user_id,
    name: user.name,
    role: user.role,
    site_limit: user.site_limit,
    wiki_limit: user.wiki_limit,
    blocked: user.blocked_at !== null,
  }
}

export function presentToken(token: TokenRow): Token {
  return {
    id: tokenId(token),
    label: token.label,
    // One from before there were scopes is good for all that its user may do.
    scopes: scopesOf(token.scopes) ?? [...tokenScopes],
    created_at: time(token.created_at),
    expires_at: timeOrNull(token.expires_at),
    used_at: timeOrNull(token.used_at),
    used_from: token.used_from,
  }
}

export function presentAlarm(alarm: AlarmRow): Alarm {
  return {
    id: alarm.alarm_id,
    code: alarm.code,
    subject: alarm.subject,
    message: alarm.message,
    mend: alarm.mend,
    since: time(alarm.since),
    cleared_at: timeOrNull(alarm.cleared_at),
    times: alarm.times,
  }
}

export async function presentAudit(store: Store, rows: readonly AuditRow[]): Promise<AuditEntry[]> {
  const known = rows.flatMap(({ user_id: id }) => (id === null ? [] : [id]))
  const about = (kind: string) => rows.flatMap(({ subject }) => idIn(subject, kind) ?? [])
  const names = await store.users.namesOf([...new Set([...known, ...about('user')])])
  const wikis = await store.wikis.byIds([...new Set(about('wiki'))])
  const nameOf = (subject: string): string | null => {
    const [wiki, user] = [idIn(subject, 'wiki'), idIn(subject, 'user')]
    if (wiki !== undefined) return wikis.get(wiki)?.name ?? null
    return user === undefined ? null : (names.get(user) ?? null)
  }
  return rows.map((row) => ({
    ...{ id: row.audit_id, at: time(row.at), by: row.acting_by, action: row.action, subject: row.subject },
    subject_name: nameOf(row.subject),
    actor: row.user_id === null ? null : { id: row.user_id, name: names.get(row.user_id) ?? '' },
    ...{ status: row.status, code: row.code, request_id: row.request_id },
    address: row.address,
    reason: row.reason,
  }))
}

/** `wiki/12` is the wiki 12. */
function idIn(subject: string, kind: string): number | undefined {
  const id = subject.startsWith(`${kind}/`) ? Number(subject.slice(kind.length + 1)) : NaN
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}
