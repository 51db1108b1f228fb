/** A real farm behind a gate, Wikistead over it, and the farm's folder as those change it who do not ask us. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import type { SyncFedWikiSitesWorkflowOutput } from '@wikistead/contracts'
import type { AlarmRow, TaskRow, WikiRow } from '@wikistead/store'
import { startFarmGate, type FarmGate } from '@wikistead/test/farm-gate'
import {
  startStack,
  testAdminHost,
  type FarmForTests,
  type Stack,
  type StackOptions,
} from '@wikistead/test/stack'
import { expect } from 'vitest'

export interface Synced {
  readonly task: TaskRow
  readonly output: SyncFedWikiSitesWorkflowOutput
}

export interface SyncWorld extends AsyncDisposable {
  readonly stack: Stack
  readonly gate: FarmGate
  readonly client: Client
  /** Of the local admin, who gets what nobody owns when they sync. */
  readonly adminId: number
  /** Starts a sync by hand and says which task it is. */
  readonly begin: (confirm?: boolean) => Promise<string>
  readonly end: (taskId: string) => Promise<Synced>
  readonly sync: (confirm?: boolean) => Promise<Synced>
  /** The wiki that holds the address. */
  wiki(domain: string): Promise<WikiRow | undefined>
  alarm(code: string, subject?: string): Promise<AlarmRow | undefined>
  metric(name: string): Promise<number>
}

export async function startSyncWorld(
  farmUrl: string,
  { gated = true, ...options }: Omit<StackOptions, 'farmUrl'> & { readonly gated?: boolean } = {},
): Promise<SyncWorld> {
  await using started = new AsyncDisposableStack()
  const gate = started.use(await startFarmGate(farmUrl))
  const stack = started.use(await startStack({ farmUrl: gated ? gate.url : farmUrl, ...options }))
  const connection = await Connection.connect({ address: stack.temporal.address })
  started.defer(() => connection.close())
  const client = new Client({ connection })
  const admin = await stack.call<{ id: number }>('GET', '/v1/users/me')
  const running = started.move()

  const begin = async (confirm = false): Promise<string> => {
    const answer = await stack.call<{ task_id: string }>('POST', '/v1/fedwiki/sync/trigger', { confirm })
    expect(answer).toMatchObject({ status: 202 })
    return answer.body.task_id
  }
  const end = async (taskId: string): Promise<Synced> => {
    const output = (await client.workflow.getHandle(taskId).result()) as SyncFedWikiSitesWorkflowOutput
    return { output, task: await stack.store.tasks.get(taskId) }
  }
  return {
    ...{ stack, gate, client, begin, end, adminId: admin.body.id },
    sync: async (confirm) => end(await begin(confirm)),
    wiki: (domain) => stack.store.wikis.byClaim('fedwiki', domain),
    alarm: (code, subject = 'fedwiki') => stack.store.alarms.find(code, subject),
    async metric(name) {
      const { body } = await stack.call<{ text: string }>('GET', '/metrics')
      return Number(new RegExp(`^${name} (.*)$`, 'm').exec(body.text)?.[1])
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Makes a site in the farm's folder, as a farm's operator would; without an owner.json when that is undefined. */
export async function plant(
  { farm }: FarmForTests,
  domain: string,
  owner: object | undefined,
): Promise<void> {
  const folder = join(farm.sitesFolder, domain)
  await mkdir(join(folder, 'status'), { recursive: true })
  await mkdir(join(folder, 'pages'), { recursive: true })
  await writeFile(join(folder, 'pages', 'welcome-visitors'), '{"title":"Welcome Visitors","story":[]}')
  if (owner !== undefined) await writeFile(join(folder, 'status', 'owner.json'), JSON.stringify(owner))
}

export async function uproot({ farm }: FarmForTests, ...domains: readonly string[]): Promise<void> {
  for (const domain of domains) await rm(join(farm.sitesFolder, domain), { recursive: true })
}

/** Sets what a site does for its visitors behind our back; `inactive` is an old word for archived. */
export async function setStatus({ farm }: FarmForTests, domain: string, status: string): Promise<void> {
  const file = join(farm.sitesFolder, domain, 'status.json')
  await writeFile(`${file}.new`, JSON.stringify({ status }))
  await rename(`${file}.new`, file)
}

export const ownerOf = (subject: string, name = `name of ${subject}`) => ({
  name,
  oauth2: { id: subject, username: name },
})

/** Takes everything off the farm but the admin's own site. */
export async function clearFarm({ farm }: FarmForTests): Promise<void> {
  const { readdir } = await import('node:fs/promises')
  for (const name of await readdir(farm.sitesFolder)) {
    if (name !== testAdminHost) await rm(join(farm.sitesFolder, name), { recursive: true })
  }
}
