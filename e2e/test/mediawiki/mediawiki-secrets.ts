/** What a MediaWiki farm keeps secret, gathered while it is there, and everything that is said, to search it in. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@temporalio/client'
import { adminPassword, type MediaWikiWorld } from './mediawiki-world.ts'

export interface Secrets extends AsyncDisposable {
  /** By what it is the secret of. */
  readonly all: ReadonlyMap<string, string>
  add(of: string, secret: string): void
}

/** Looks into the wikis' folders all the time: most of what is there is gone when a task has failed. */
export function gatherSecrets(world: MediaWikiWorld): Secrets {
  const all = new Map([
    ['the administrator of the database', adminPassword],
    ['the token of the API', world.stack.token],
  ])
  const stopping = new AbortController()
  const { search, wikisFolder, oauthFolder } = world
  if (search !== undefined) all.set('OpenSearch', search.server.password ?? '')
  const looking = look()

  async function look(): Promise<void> {
    for (; !stopping.signal.aborted; await sleep(10)) {
      for (const slug of await readdir(wikisFolder)) {
        const ini = await readIfThere(join(wikisFolder, slug, 'pubwiki.ini'))
        const password = /^WIKI_DB_PASSWORD *= *"([^"]+)"/m.exec(ini)?.[1]
        if (password !== undefined) all.set(`the database of ${slug} (${password.slice(0, 4)})`, password)
        const cache = /^REDIS_PASSWORD *= *"([^"]+)"/m.exec(ini)?.[1]
        if (cache !== undefined) all.set(`the Redis of ${slug} (${cache.slice(0, 4)})`, cache)
      }
      for (const slug of (await readdir(oauthFolder)).filter((name) => !name.startsWith('.'))) {
        const key = await readIfThere(join(oauthFolder, slug, 'oauth.key'))
        const lines = key.split('\n').filter((line) => line !== '' && !line.startsWith('-'))
        for (const [n, line] of lines.slice(0, 20).entries()) {
          all.set(`the private key of ${slug}, line ${String(n)} (${line.slice(0, 4)})`, line)
        }
      }
    }
  }

  return {
    all,
    add: (of, secret) => void all.set(of, secret),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await looking
    },
  }
}

const readIfThere = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/** The ways in which a secret may be written. */
const disguises = (secret: string): readonly string[] => [
  ...[secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)],
  ...[0, 1, 2].map((shift) => {
    const base64 = Buffer.from(`${'\0'.repeat(shift)}${secret}`).toString('base64')
    // Without what depends on its neighbours.
    return base64.slice(shift === 0 ? 0 : 4, -4)
  }),
]

/** Of which secrets the text tells, and where. */
export function told(secrets: Secrets, text: string): readonly string[] {
  return [...secrets.all].flatMap(([of, secret]) =>
    disguises(secret).flatMap((words) => {
      const at = words.length < 6 ? -1 : text.indexOf(words)
      return at < 0 ? [] : [`${of}: ${text.slice(Math.max(at - 200, 0), at + words.length + 20)}`]
    }),
  )
}

/** Every row of the store. */
export function storeContent({ stack: { storePlace } }: MediaWikiWorld): string {
  if (storePlace.engine !== 'sqlite') throw new Error('Only of a store in a file.')
  const store = new DatabaseSync(storePlace.filename, { readOnly: true })
  try {
    const tables = store.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    return tables
      .flatMap(({ name }) => [
        String(name),
        ...store
          .prepare(`SELECT * FROM "${String(name)}"`)
          .all()
          .map((row) => Object.values(row).map(String).join('\n')),
      ])
      .join('\n')
  } finally {
    store.close()
  }
}

/** The history of every workflow, and what Temporal knows of it now, with payloads in their plain words. */
export async function histories({ workflow }: Client): Promise<string> {
  const words: string[] = []
  for await (const { workflowId, runId } of workflow.list()) {
    const handle = workflow.getHandle(workflowId, runId)
    words.push(workflowId, ...wordsOf(await handle.fetchHistory()), ...wordsOf((await handle.describe()).raw))
  }
  return words.join('\n')
}

function wordsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (value instanceof Uint8Array) return [Buffer.from(value).toString()]
  if (typeof value === 'object' && value !== null) return Object.entries(value).flat().flatMap(wordsOf)
  return []
}

/** What the API says of all there is, to an operator. */
export async function answers({ stack }: MediaWikiWorld): Promise<string> {
  const said: string[] = []
  const ask = async (path: string) => {
    const { status, body } = await stack.call('GET', path)
    said.push(`${path} ${String(status)} ${JSON.stringify(body)}`)
    return body
  }
  for (const path of ['/v1/farm', '/v1/hosts', '/v1/users', '/v1/users/me/wikis', '/v1/audit', '/v1/quotas'])
    await ask(path)
  for (const path of ['/readyz', '/metrics', '/v1/openapi.json']) await ask(path)
  for (const path of ['/v1/alarms', '/v1/alarms?all=1', '/v1/alarms?cleared=1']) await ask(path)
  const { tasks } = (await ask('/v1/tasks?limit=100')) as { tasks: { task_id: string }[] }
  for (const { task_id: id } of tasks) {
    await ask(`/v1/tasks/${id}`)
    await ask(`/v1/tasks/${id}/events`)
  }
  for (const status of ['', '&status=deleted', '&status=active']) {
    const { wikis } = (await ask(`/v1/wikis?limit=100${status}`)) as { wikis: { id: number }[] }
    for (const { id } of wikis) await ask(`/v1/wikis/${String(id)}`)
  }
  return said.join('\n')
}
