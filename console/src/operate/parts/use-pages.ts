/**
 * A list of any length, a page of it at a time: its filters and its place stand in the address, so that it can be kept,
 * shared and gone back to. The server does the filtering and the paging.
 */
import { computed, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import { useLoaded, type Loaded } from '../../use-loaded.ts'

export interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

export interface Asked<Name extends string> {
  readonly filters: Filters<Name>
  readonly cursor: string | undefined
}

type Filters<Name extends string> = Readonly<Partial<Record<Name, string>>>

export interface Pages<Name extends string, T> extends Loaded<Page<T>> {
  readonly filters: ComputedRef<Filters<Name>>
  readonly filtered: ComputedRef<boolean>
  /** From 1. */
  readonly number: ComputedRef<number>
  /** Another page, or other filters, are on their way; a list that is looked at again is not. */
  readonly turning: Ref<boolean>
  /** Back to the first page, with these filters changed; '' takes one away. */
  readonly filter: (changed: Filters<Name>) => void
  readonly unfilter: () => void
  readonly turn: (to: 'next' | 'previous') => void
}

export function usePages<Name extends string, T>(
  names: readonly Name[],
  load: (asked: Asked<Name>) => Promise<Page<T>>,
): Pages<Name, T> {
  const route = useRoute()
  const router = useRouter()
  const { path } = route
  /** Cursors of the pages that were turned, by their number: what the API answers leads forward only. */
  const seen = new Map<number, string>()

  const filters = computed(() => {
    const found: Partial<Record<Name, string>> = {}
    for (const name of names) {
      const value = one(route.query, name)
      if (value !== undefined) found[name] = value
    }
    return found
  })
  const cursor = computed(() => one(route.query, 'from'))
  const number = computed(() => (cursor.value === undefined ? 1 : Number(one(route.query, 'page') ?? 2)))
  const loaded = useLoaded(() => load({ filters: filters.value, cursor: cursor.value }))

  const turning = shallowRef(false)

  watch(
    () => [route.path, JSON.stringify(route.query)],
    async () => {
      // Another page's address is none of ours.
      if (route.path !== path) return
      turning.value = true
      await loaded.reload()
      turning.value = loaded.loading.value
    },
  )

  return {
    ...loaded,
    ...{ filters, number, turning },
    filtered: computed(() => Object.keys(filters.value).length > 0),
    filter(changed) {
      const entries = Object.entries<string | undefined>({ ...filters.value, ...changed })
      void router.replace({ query: Object.fromEntries(entries.filter(([, value]) => value !== '')) })
    },
    unfilter() {
      void router.replace({ query: {} })
    },
    turn(to) {
      if (cursor.value !== undefined) seen.set(number.value, cursor.value)
      const wanted = number.value + (to === 'next' ? 1 : -1)
      const next = loaded.value.value?.next ?? undefined
      const from = to === 'next' ? next : seen.get(wanted)
      if (wanted < 1 || (to === 'next' && next === undefined)) return
      if (from !== undefined) seen.set(wanted, from)
      // A page that nobody remembers the way to: the first one is always known.
      const place = wanted <= 1 || from === undefined ? {} : { from, page: String(wanted) }
      void router.push({ query: { ...filters.value, ...place } })
    },
  }
}

function one(query: LocationQuery, name: string): string | undefined {
  const value = query[name]
  const first = Array.isArray(value) ? value[0] : value
  return first === null || first === '' ? undefined : first
}
