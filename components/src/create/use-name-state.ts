/** Whether an address is free, asked as it is written: after a short rest, and only the last answer counts. */
import type { Engine, Name } from '@wikistead/contracts'
import { onBeforeUnmount, shallowRef, watch, type Ref } from 'vue'
import { asFarmApiError, useFarmApi, type FarmApiError } from '../farm-api.ts'

export interface AskedAddress {
  readonly engine: Engine
  readonly address: string
  readonly customDomain: boolean
}

/** `unknown`: nothing to ask about, or nobody to ask. */
export interface NameAnswer {
  readonly state: Name['state'] | 'unknown' | 'asking' | 'failed'
  readonly reason?: string | undefined
  readonly error?: FarmApiError | undefined
}

const label = /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/

export function useNameState(asked: Ref<AskedAddress>, restMs = 250): Readonly<Ref<NameAnswer>> {
  const api = useFarmApi()
  const answer = shallowRef<NameAnswer>({ state: 'unknown' })
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | undefined

  const forget = (): void => {
    clearTimeout(timer)
    asking?.abort()
  }

  watch(
    asked,
    (now) => {
      forget()
      const { engine, address, customDomain } = now
      if (address === '') {
        answer.value = { state: 'unknown' }
        return
      }
      if (!customDomain && !label.test(address)) {
        answer.value = { state: 'invalid' }
        return
      }
      if (api.nameState === undefined) {
        answer.value = { state: 'unknown' }
        return
      }
      answer.value = { state: 'asking' }
      const ask = async (): Promise<void> => {
        const attempt = new AbortController()
        asking = attempt
        try {
          const said = await api.nameState?.(engine, address, { customDomain, signal: attempt.signal })
          if (!attempt.signal.aborted && said !== undefined) {
            answer.value = { state: said.state, reason: said.reason }
          }
        } catch (error) {
          if (!attempt.signal.aborted) answer.value = { state: 'failed', error: asFarmApiError(error) }
        }
      }
      timer = setTimeout(() => void ask(), restMs)
    },
    { immediate: true },
  )
  onBeforeUnmount(forget)
  return answer
}
