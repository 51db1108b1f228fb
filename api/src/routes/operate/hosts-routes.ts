import { Host, HostList, Refusal } from '@wikistead/contracts'
import type { HostLoad } from '@wikistead/store'
import { z } from 'zod'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

/** The machines of the MediaWiki farm, for operators. */
export function hostRoutes(routes: Routes, { store }: ApiDeps): void {
  const params = z.object({ host: z.string().min(1).max(100) })

  routes.get(
    '/v1/hosts',
    {
      schema: {
        ...{
          tags: ['operations'],
          summary: 'Hosts of MediaWiki wikis, what they hold and whether they live',
        },
        response: { 200: HostList, ...refused },
      },
    },
    async () => ({ hosts: await all() }),
  )

  routes.patch(
    '/v1/hosts/:host',
    {
      schema: {
        ...{ tags: ['operations'], summary: 'Drain a host: it keeps its wikis and gets no new ones' },
        params,
        body: z.strictObject({ draining: z.boolean() }),
        response: { 200: Host, ...refused },
      },
    },
    async (request) => {
      const { host } = request.params
      if (!(await store.hosts.drain(host, request.body.draining))) throw unknown(host)
      return get(host)
    },
  )

  routes.delete(
    '/v1/hosts/:host',
    {
      schema: {
        ...{ tags: ['operations'], summary: 'Forget a host that holds no wiki' },
        params,
        response: { 200: HostList, ...refused },
      },
    },
    async (request) => {
      const { wikis, alive } = await get(request.params.host)
      if (alive) {
        throw new Refusal(
          'busy',
          `${request.params.host} is at work, and would come back at once. Stop its worker first.`,
        )
      }
      if (!(await store.transaction((scope) => scope.hosts.remove(request.params.host)))) {
        throw new Refusal(
          'busy',
          `${request.params.host} still holds ${String(wikis)} wikis. Drain it, and delete or move them first.`,
        )
      }
      return { hosts: await all() }
    },
  )

  async function all(): Promise<Host[]> {
    const [hosts, waiting] = await Promise.all([store.hosts.list(), store.lines.waitingByHost('create')])
    return hosts.map((each) => present(each, waiting.get(each.host) ?? 0))
  }

  async function get(host: string): Promise<Host> {
    const found = (await all()).find((each) => each.host === host)
    if (found === undefined) throw unknown(host)
    return found
  }
}

/** As long as three of its signs of life would take. */
const aliveWithinMs = 15_000

function present({ host, wikis, capacity, creations, ...of }: HostLoad, waiting: number): Host {
  const { draining, seen_at: seenAt, silentMs } = of
  return {
    ...{ host, wikis, capacity, creations, waiting, draining: draining === 1 },
    alive: silentMs <= aliveWithinMs,
    seen_at: new Date(seenAt).toISOString(),
  }
}

const unknown = (host: string): Refusal => new Refusal('host_not_found', `There is no host ${host}.`)
