import { LookBack, Overview } from '@wikistead/contracts'
import { creationTimes } from '../../answers/creation-times.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

const day = 86_400_000
/** More than a farm makes in the time that is looked at, mostly; the newest count. */
const mostCreations = 10_000
/** Of a plot. */
const spans = 30

/** How the farm has grown, for operators. */
export function overviewRoute(routes: Routes, { store }: ApiDeps): void {
  routes.get(
    '/v1/overview',
    {
      schema: {
        tags: ['operations'],
        summary: 'How many wikis, users and tasks there are and were, and how long creations took',
        description:
          'Counted every ten minutes by the worker that keeps house; of what is longer ago than two days one count an hour is left, of what is longer ago than three weeks one a day.',
        querystring: LookBack,
        response: { 200: Overview, ...refused },
      },
    },
    async ({ query: { days } }) => {
      const since = store.now() - days * day
      const samples = new Map<string, { at: string; value: number }[]>()
      for (const { sample, at, value } of await store.samples.since(since)) {
        const points = samples.get(sample) ?? []
        points.push({ at: new Date(at).toISOString(), value })
        samples.set(sample, points)
      }
      return {
        now: Object.fromEntries(await store.figures.counted()),
        samples: [...samples].map(([sample, points]) => ({ sample, points })),
        creations: creationTimes(
          await store.figures.creations(since, mostCreations),
          Math.ceil((days * day) / spans),
        ),
      }
    },
  )
}
