import { InstanceList, type Instance } from '@wikistead/contracts'
import type { SeenInstance } from '@wikistead/store'
import { z } from 'zod'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

/** The processes that are this farm, for operators. */
export function instanceRoutes(routes: Routes, { store }: ApiDeps): void {
  routes.get(
    '/v1/instances',
    {
      schema: {
        ...{
          tags: ['operations'],
          summary: 'Processes of this farm: where each runs, of which build, and whether it lives',
        },
        querystring: z.object({
          all: z.enum(['0', '1']).default('0').describe('1: also those that ended within a day'),
        }),
        response: { 200: InstanceList, ...refused },
      },
    },
    async (request) => {
      const all = await store.instances.list()
      return {
        instances: all
          .filter(({ ended_at: endedAt }) => request.query.all === '1' || endedAt === null)
          .map(present),
        builds: buildsOf(all),
      }
    },
  )
}

/** Of those that live; more than one while an upgrade is under way. */
const buildsOf = (instances: readonly SeenInstance[]): string[] =>
  [
    ...new Set(instances.filter(({ alive }) => alive).map(({ version, build }) => `${version} (${build})`)),
  ].sort()

function present(instance: SeenInstance): Instance {
  const { instance_id: id, role, machine, host, version, build, address } = instance
  return {
    ...{ id, role, machine, host, version, build, address, worker: instance.worker_identity },
    state: stateOf(instance),
    ...{ began_at: time(instance.began_at), seen_at: time(instance.seen_at) },
    ended_at: instance.ended_at === null ? null : time(instance.ended_at),
  }
}

function stateOf({ ended_at: endedAt, alive, reaches_temporal: reaches }: SeenInstance): Instance['state'] {
  if (endedAt !== null) return 'ended'
  if (!alive) return 'silent'
  return reaches === 0 ? 'without_temporal' : 'alive'
}

const time = (moment: number): string => new Date(moment).toISOString()
