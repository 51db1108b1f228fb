/** Something that a person sets off: once at a time, with its refusal. */
import { asFarmApiError, type FarmApiError } from '@wikistead/components'
import { shallowRef, type ShallowRef } from 'vue'

export interface Action {
  readonly busy: ShallowRef<boolean>
  readonly refused: ShallowRef<FarmApiError | undefined>
  /** Whether it was done. */
  readonly run: (act: () => Promise<unknown>) => Promise<boolean>
}

export function useAction(): Action {
  const busy = shallowRef(false)
  const refused = shallowRef<FarmApiError>()
  return {
    busy,
    refused,
    async run(act) {
      if (busy.value) return false
      busy.value = true
      refused.value = undefined
      try {
        await act()
        return true
      } catch (error) {
        refused.value = asFarmApiError(error)
        return false
      } finally {
        busy.value = false
      }
    },
  }
}
