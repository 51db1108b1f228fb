/** Something that is asked for when a page opens: loading, there, or an error; asked again on demand. */
import { asFarmApiError, type FarmApiError } from '@wikistead/components'
import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue'

export interface Loaded<T> {
  /** Undefined until it is there; kept while it is asked for again. */
  readonly value: ShallowRef<T | undefined>
  readonly error: ShallowRef<FarmApiError | undefined>
  readonly loading: ShallowRef<boolean>
  readonly reload: () => Promise<void>
}

export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const value = shallowRef<T>()
  const error = shallowRef<FarmApiError>()
  const loading = shallowRef(true)
  let latest = 0
  const reload = async (): Promise<void> => {
    const asked = ++latest
    loading.value = true
    try {
      const answer = await load()
      if (asked !== latest) return
      value.value = answer
      error.value = undefined
    } catch (thrown) {
      if (asked === latest) error.value = asFarmApiError(thrown)
    } finally {
      if (asked === latest) loading.value = false
    }
  }
  const online = (): void => {
    if (error.value !== undefined) void reload()
  }
  onMounted(() => {
    window.addEventListener('online', online)
    void reload()
  })
  onBeforeUnmount(() => {
    latest++
    window.removeEventListener('online', online)
  })
  return { value: value, error, loading, reload }
}
