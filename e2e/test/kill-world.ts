/**
 * What every test that kills something stands on: a real farm behind its guard, a proxy before it that can hold a
 * request, an API in this process, and a worker in a process of its own. And what must be true when all is over.
 */
import { eventually } from '@wikistead/test/eventually'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { startTemporalServer, type TemporalServer } from '@wikistead/processes'
import type { TaskRow } from '@wikistead/store'
import {
  startStack,
  startTestFarm,
  testAdminHost,
  testAdminToken,
  testParentDomain,
  type FarmForTests,
  type Stack,
  type StackOptions,
} from '@wikistead/test/stack'
import { request } from 'undici'
import { expect } from 'vitest'
import { holdFarm, type HeldFarm } from './held-farm.ts'
import { startWorkerProcess, type WorkerProcess } from './processes/worker-process.ts'

export type WorldOptions = Omit<StackOptions, 'farmUrl' | 'run' | 'worker'>

/** An event as a reader of the stream gets it. */
export interface Told {
  readonly seq: number
  readonly type: string
  readonly status?: string
  readonly phase?: string
  readonly message?: string
  readonly code?: string
  readonly run?: number
  readonly wiki_id?: number
  readonly failed_attempt?: { readonly attempt: number; readonly cause: string }
}

export class KillWorld implements AsyncDisposable {
  readonly farm: FarmForTests
  readonly gate: HeldFarm
  readonly stack: Stack
  readonly temporal: Client
  /** A member who can be given sites. */
  readonly newOwnerId: number
  readonly #started: AsyncDisposableStack
  #worker: WorkerProcess | undefined
  #temporalServer: TemporalServer

  static async start(options: WorldOptions = {}, farm?: FarmForTests): Promise<KillWorld> {
    await using started = new AsyncDisposableStack()
    const ours = farm ?? started.use(await startTestFarm())
    const gate = started.use(await holdFarm(ours.url))
    const stack = started.use(await startStack({ ...options, farmUrl: gate.url, run: ['api'] }))
    const connection = await Connection.connect({ address: stack.temporal.address })
    started.defer(() => connection.close())
    const { id } = await stack.newMember(newOwner)
    return new KillWorld(ours, gate, stack, new Client({ connection }), id, started.move())
  }

  private constructor(
    farm: FarmForTests,
    gate: HeldFarm,
    stack: Stack,
    temporal: Client,
    newOwnerId: number,
    started: AsyncDisposableStack,
  ) {
    this.farm = farm
    this.gate = gate
    this.stack = stack
    this.temporal = temporal
    this.newOwnerId = newOwnerId
    this.#started = started
    this.#temporalServer = stack.temporal
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker?.[Symbol.asyncDispose]()
    await this.#started.disposeAsync()
  }

  get worker(): WorkerProcess {
    if (this.#worker === undefined) throw new Error('no worker was started')
    return this.#worker
  }

  /** The one before it is killed, if it still lives. */
  async startWorker(): Promise<WorkerProcess> {
    await this.#worker?.kill()
    return (this.#worker = await startWorkerProcess(this.stack.flags))
  }

  async killWorker(): Promise<void> {
    await this.worker.kill()
  }

  /** SIGKILL to the whole group; its supervisor starts it again on the same file. Resolves when it is back. */
  async killTemporal(): Promise<void> {
    const { restarts, pid } = this.#temporalServer.state
    killGroup(pid)
    await eventually(() => {
      expect(this.#temporalServer.state).toMatchObject({ kind: 'ready', restarts: restarts + 1 })
    })
  }

  async stopTemporal(): Promise<void> {
    await this.#temporalServer.stop()
  }

  /** On the same folder and port. */
  async startTemporal(): Promise<void> {
    const server = await startTemporalServer({ cli: this.stack.temporalCli, folder: this.temporalFolder })
    this.#temporalServer = this.#started.use(server)
  }

  get temporalFolder(): string {
    return join(this.stack.folder, 'temporal')
  }

  /** SIGKILL to the whole group; its supervisor starts it again on the same folder. Resolves when it is dead. */
  async killFarm(): Promise<void> {
    killGroup(this.farm.farm.state.pid)
    await eventually(() => {
      expect(this.farm.farm.state.kind).toBe('restarting')
    })
  }

  async farmIsBack(): Promise<void> {
    await eventually(() => {
      expect(this.farm.farm.state.kind).toBe('ready')
    })
  }

  /** Asks the API and does not wait for the end; returns the task. */
  async ask(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await this.stack.call(method, path, body, { headers: { prefer: 'respond-async' } })
    expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 202 })
    return String(answer.body['task_id'])
  }

  create(label: string): Promise<string> {
    return this.ask('POST', '/v1/wikis', { engine: 'fedwiki', domain: label })
  }

  /** A site that is there before the story begins. */
  async madeBefore(label: string): Promise<number> {
    const task = await this.ended(await this.create(label))
    expect(task.status).toBe('succeeded')
    return task.wiki_id ?? 0
  }

  async ended(taskId: string): Promise<TaskRow> {
    return eventually(async () => {
      const task = await this.stack.store.tasks.get(taskId)
      expect(task, `${task.task_id} ${task.phase ?? ''}: ${task.message}`).toMatchObject({
        ended_at: expect.any(Number) as number,
      })
      return task
    })
  }

  async told(taskId: string): Promise<Told[]> {
    const events: Told[] = []
    for (;;) {
      const part = await this.stack.store.tasks.eventsAfter(taskId, events.at(-1)?.seq ?? 0)
      if (part.length === 0) return events
      events.push(...part.map(({ seq, json }) => ({ ...(JSON.parse(json) as Told), seq })))
    }
  }

  /** Waits for the end; then the log has no gap, ends once, and says what the row says. */
  async expectEnd(
    taskId: string,
    end: { readonly status: string; readonly code?: string },
  ): Promise<TaskRow> {
    const task = await this.ended(taskId)
    const events = await this.told(taskId)
    expect(task, JSON.stringify(events, null, 1)).toMatchObject({ ...end, last_seq: events.length })
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    const lives = events.filter(({ type }) => type === 'reset').length + 1
    expect(events.filter(({ type }) => type === 'status')).toHaveLength(lives)
    expect(events.at(-1)).toMatchObject({ type: 'status', ...end })
    expect(task).toMatchObject({ run: lives })
    if (end.status === 'failed') expect(await this.stack.store.ledger.open(taskId)).toEqual([])
    return task
  }

  /** One row, one folder, one creation, and the owner as we write it. */
  async expectOneSite(label: string, site: { readonly status?: string; readonly owner?: string } = {}) {
    const domain = full(label)
    const wikis = await this.stack.store.wikis.list({ limit: 10, text: domain })
    expect(wikis).toMatchObject([
      { address: domain, claim: domain, task_id: null, status: site.status ?? 'active' },
    ])
    expect(this.folders(label)).toEqual([domain])
    expect(this.creations(label)).toBe(1)
    const name = site.owner ?? 'Local admin'
    const id = site.owner === undefined ? 'wikistead-local-admin' : `sub-of-${site.owner}`
    expect(await this.ownerFile(label)).toEqual({ name, oauth2: { id, username: name } })
  }

  /** No folder, no claim; the name can be had. */
  async expectNoSite(label: string): Promise<void> {
    expect(await this.stack.store.wikis.byClaim('fedwiki', full(label))).toBeUndefined()
    expect(this.folders(label)).toEqual([])
    expect(await this.stack.call('GET', `/v1/names/fedwiki/${label}`)).toMatchObject({
      body: { state: 'free' },
    })
  }

  folders(label: string): string[] {
    return readdirSync(this.farm.farm.sitesFolder).filter((name) => name.includes(label))
  }

  siteFolder(label: string): string {
    return join(this.farm.farm.sitesFolder, full(label))
  }

  async ownerFile(label: string): Promise<unknown> {
    const file = join(this.siteFolder(label), 'status/owner.json')
    return existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : undefined
  }

  /** How often the farm said that it made the site. */
  creations(label: string): number {
    return this.gate.answered.filter(
      ({ method, domain, status }) => method === 'POST' && domain === full(label) && status === 201,
    ).length
  }

  /** What the farm itself says that the site does for its visitors. */
  async serving(label: string): Promise<unknown> {
    const { body } = await request(`${this.farm.url}/plugin/farmmanager/sites/${full(label)}`, {
      headers: { host: testAdminHost, authorization: `Bearer ${testAdminToken}` },
    })
    return ((await body.json()) as { readonly status?: unknown }).status
  }

  /** How Temporal sees the task. */
  async workflowStatus(taskId: string): Promise<string> {
    return (await this.temporal.workflow.getHandle(taskId).describe()).status.name
  }
}

export const newOwner = 'Grace'

export const full = (label: string): string => `${label}.${testParentDomain}`

/** Two cores that others use too. */

function killGroup(pid: number | undefined): void {
  if (pid === undefined) throw new Error('it does not run')
  process.kill(-pid, 'SIGKILL')
}
