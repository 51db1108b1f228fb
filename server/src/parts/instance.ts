/**
 * This process as a row: who it is, where, of which build, and a lease that says that it lives. What a process may assume
 * of others (whose work is orphaned, whether it is alone, whose host this is) follows from these rows.
 */
import { randomUUID } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'
import process from 'node:process'
import type { Config } from '@wikistead/config'
import type { InstanceRole } from '@wikistead/contracts'
import { openLineage, SetupError } from '@wikistead/processes'
import { instanceLeaseMs, isStoreAway, type SeenInstance, type Store } from '@wikistead/store'
import { tellOfKilled } from '@wikistead/tasks'
import type { FastifyBaseLogger } from 'fastify'
import { thisBuild } from './build.ts'
import type { PartWatch } from './part-watch.ts'

export interface Instance extends AsyncDisposable {
  readonly id: string
  /** Who its workers are in Temporal's eyes. */
  readonly identity: string
  /** Processes in whose place this one stands, and that are surely dead. They stay in the list until `settle`. */
  readonly predecessors: readonly SeenInstance[]
  /** What they had begun is taken care of. */
  settle(): Promise<void>
  /** Says where it is found, once it is. */
  tellAddress(address: string): Promise<void>
  /** Whether Temporal answered when it was last asked; true as long as nobody asks. */
  readonly reachesTemporal: boolean
  /** From now on each beat asks it, until that is disposed of. */
  askTemporal(ask: () => Promise<unknown>): Disposable
  /** Done at each sign of life, and now, until that is disposed of. */
  onBeat(act: () => Promise<void>): Promise<Disposable>
  /** At its end, while it still has the store. `isLast`: no other of its data folder lives. */
  onEnd(act: (isLast: boolean) => Promise<void>): void
  /** Whether no other process of ours lives that could write. */
  isAlone(): Promise<boolean>
  /** Rejects when this process is no longer what it was, for another machine has taken its place. */
  readonly lost: Promise<never>
}

export interface InstanceKind {
  readonly role: InstanceRole
  /** The MediaWiki host that it is. */
  readonly host?: string | undefined
}

const beatEveryMs = 5_000

/** @throws SetupError when another machine is this host, and lives */
export async function beginInstance(
  config: Config,
  store: Store,
  { role, host }: InstanceKind,
  logger: FastifyBaseLogger,
  watch?: PartWatch,
): Promise<Instance> {
  const id = randomUUID()
  const lineage = openLineage(config.dataFolder)
  await using begun = new AsyncDisposableStack()
  begun.use(lineage.enter(id))
  const identity = `wikistead-${[role, ...(host === undefined || role === 'start' ? [] : [host])].join('-')}-${String(process.pid)}@${hostname()}/${id.slice(0, 8)}`
  const self = {
    ...{ instanceId: id, role, machine: hostname(), host: host ?? null, ...thisBuild() },
    ...{ address: machineAddress(), workerIdentity: role === 'api' ? null : identity },
    ...{ lineage: lineage.id, boot: lineage.boot },
  }
  const known = (await store.instances.list()).filter((each) => each.ended_at === null)
  const dead = known.filter(
    (each) => each.lineage === lineage.id && each.boot === lineage.boot && lineage.isDead(each.instance_id),
  )
  for (const { instance_id: holder } of dead) await store.leases.release(holder)
  if (host !== undefined) await takeHost(host)
  await store.instances.begin(self)
  begun.defer(() => store.instances.end(id))

  const acts = new Set<() => Promise<void>>()
  const ends: ((isLast: boolean) => Promise<void>)[] = []
  const { promise: lost, reject: lose } = Promise.withResolvers<never>()
  // Whoever waits for it hears of it.
  lost.catch(() => undefined)
  let address: string | undefined
  let ask: (() => Promise<unknown>) | undefined
  let reachesTemporal = true
  let beating: Promise<void> | undefined
  /** Since when the store is away. */
  let awaySince: number | undefined
  const timer = setInterval(() => void beat(), beatEveryMs)
  const running = begun.move()

  function beat(): Promise<void> {
    beating ??= beatOnce()
      .then(tellOfStore, (error: unknown) => {
        if (isStoreAway(error)) awaySince ??= performance.now()
        logger.warn({ err: error }, 'this process could not say that it lives; it tries again')
      })
      .finally(() => {
        beating = undefined
      })
    return beating
  }

  async function beatOnce(): Promise<void> {
    await lookForTemporal()
    await store.keepTime()
    const change = {
      ...(address !== undefined && { address }),
      ...(ask !== undefined && { reachesTemporal }),
    }
    // Forgotten while the store was away, or we were asleep.
    if (!(await store.instances.beat(id, change))) await store.instances.begin(self).catch(() => undefined)
    if (host !== undefined && !(await renewHost(host))) return
    for (const act of acts) await act()
  }

  /** It has answered again: nobody could write while it did not. */
  function tellOfStore(): void {
    if (awaySince === undefined) return
    const agoMs = performance.now() - awaySince
    awaySince = undefined
    logger.info({ away_ms: Math.round(agoMs) }, 'the store answers again')
    const message = 'The store did not answer.'
    watch?.began('store', { message, mend: 'Start the database, or mend store-url.' }, agoMs)
    watch?.ended('store')
  }

  async function lookForTemporal(): Promise<void> {
    if (ask === undefined) return
    const asked = ask
    const reached = await asked().then(
      () => true,
      () => false,
    )
    if (ask !== asked) return
    if (reached) watch?.ended('temporal')
    if (reached !== reachesTemporal) {
      if (!reached)
        watch?.began('temporal', {
          ...{ message: 'Temporal did not answer.', mend: 'Start Temporal, or mend temporal-address.' },
          counts: false,
        })
      if (reached) logger.info('Temporal answers again')
      else logger.error('Temporal does not answer: this process counts as away until it does')
    }
    reachesTemporal = reached
  }

  async function takeHost(name: string): Promise<void> {
    if ((await store.leases.take(hostLease(name), id, instanceLeaseMs)) !== undefined) return
    throw new SetupError(await hostIsTaken(name))
  }

  async function renewHost(name: string): Promise<boolean> {
    if ((await store.leases.take(hostLease(name), id, instanceLeaseMs)) !== undefined) return true
    lose(new SetupError(await hostIsTaken(name)))
    return false
  }

  async function hostIsTaken(name: string): Promise<string> {
    const holder = await store.leases.holder(hostLease(name))
    const other = (await store.instances.list()).find((each) => each.instance_id === holder)
    const where = other === undefined ? 'another process' : placeOf(other)
    const here = placeOf({ machine: self.machine, address: self.address, worker_identity: identity })
    return `Host ${name} is ${where} already, so it cannot be ${here}, too. Give one of them another name (--host), or stop the other; a machine that was lost is let go within ${String(instanceLeaseMs / 1_000)} s.`
  }

  return {
    ...{ id, identity, predecessors: dead.filter(isPredecessor), lost },
    get reachesTemporal() {
      return reachesTemporal
    },
    async settle() {
      for (const each of dead.filter(isPredecessor)) {
        await store.instances.end(each.instance_id)
        await tellOfKilled(store, each)
        logger.warn({ predecessor: each.instance_id }, 'the process before this one did not end by itself')
      }
    },
    async tellAddress(told) {
      address = told
      await store.instances.beat(id, { address })
    },
    askTemporal(asked) {
      ask = asked
      return {
        [Symbol.dispose]() {
          if (ask === asked) ask = undefined
        },
      }
    },
    async onBeat(act) {
      acts.add(act)
      await lookForTemporal()
      await act()
      return { [Symbol.dispose]: () => void acts.delete(act) }
    },
    onEnd: (act) => void ends.push(act),
    isAlone: async () =>
      !(await store.instances.list()).some((each) => each.instance_id !== id && each.alive),
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await beating
      try {
        await store.leases.release(id)
        const others = await store.instances.list()
        const isLast = !others.some(
          (each) => each.instance_id !== id && each.alive && each.lineage === lineage.id,
        )
        for (const act of ends) await act(isLast)
      } catch (error) {
        logger.warn({ err: error }, 'this process could not say that it ends')
      }
      await running.disposeAsync().catch(() => undefined)
    },
  }

  function isPredecessor(each: SeenInstance): boolean {
    return each.role === role && each.host === self.host
  }
}

const hostLease = (host: string): string => `host/${host}`

const placeOf = ({
  machine,
  address,
  worker_identity: identity,
}: Pick<SeenInstance, 'machine' | 'address' | 'worker_identity'>): string =>
  `${machine}${address === null ? '' : ` (${address})`}, ${identity ?? 'no worker'}`

/** How others reach this machine, where anybody can. */
function machineAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
  return all.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? null
}
