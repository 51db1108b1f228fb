/** The address that a new wiki is to have: what it is as a whole, and whether it can be had, as far as is known. */
import { computed, type ComputedRef, type Ref } from 'vue'
import type { CreateDraft } from './create-draft.ts'
import type { CreateOptions } from './create-options.ts'
import { nameStateKey } from '../message-keys.ts'
import { useMessages } from '../messages.ts'
import { useNameState, type AskedAddress, type NameAnswer } from './use-name-state.ts'

export interface Address {
  /** A domain of the owner's own. */
  readonly custom: ComputedRef<boolean>
  /** What stands behind what is written; '' for a domain of one's own. */
  readonly suffix: ComputedRef<string>
  readonly whole: ComputedRef<string>
  readonly answer: Readonly<Ref<NameAnswer>>
  /** Why it cannot be had; '' when nothing is known against it. */
  readonly error: ComputedRef<string>
  readonly note: ComputedRef<string>
}

/** @param tried whether it was sent: before, nothing is called missing */
export function useAddress(
  draft: Readonly<CreateDraft>,
  options: () => CreateOptions,
  tried: Readonly<Ref<boolean>>,
): Address {
  const { message } = useMessages()
  const custom = computed(() => draft.engine === 'fedwiki' && draft.customDomain)
  const parent = computed(() => {
    const { fedwiki, mediawiki } = options()
    return draft.engine === 'fedwiki' ? fedwiki?.parentDomain : mediawiki?.rootHost
  })
  const suffix = computed(() => (custom.value ? '' : `.${parent.value ?? ''}`))
  const whole = computed(() => draft.address + suffix.value)
  const asked = computed<AskedAddress>(() => ({
    engine: draft.engine,
    address: draft.address,
    customDomain: custom.value,
  }))
  const answer = useNameState(asked)
  const error = computed(() => {
    const { state, reason } = answer.value
    if (draft.address === '') return tried.value ? message('wikifarm-create-address-missing') : ''
    if (state === 'taken' || state === 'reserved' || state === 'restorable')
      return message(nameStateKey(state))
    if (state !== 'invalid') return ''
    if (custom.value) return reason ?? message('wikifarm-name-invalid-domain')
    return message(nameStateKey(state))
  })
  const note = computed(() => {
    switch (answer.value.state) {
      case 'free':
        return message('wikifarm-name-free', whole.value)
      case 'asking':
        return message('wikifarm-name-asking')
      case 'failed':
        return message('wikifarm-name-failed')
      default:
        return ''
    }
  })
  return { custom, suffix, whole, answer, error, note }
}
