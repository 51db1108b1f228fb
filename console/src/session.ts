/** Who is signed in, and what this farm is: asked once at the start, and again when something says so. */
import { asFarmApiError, type FarmApiError } from '@wikistead/components'
import type { Farm, Role, Session, User } from '@wikistead/contracts'
import { computed, inject, shallowRef, type ComputedRef, type InjectionKey, type ShallowRef } from 'vue'
import { Http, type SessionHold } from './http.ts'

const rank: Readonly<Record<Role, number>> = { member: 0, operator: 1, admin: 2 }

const nobody: Session = {
  ...{ user: null, csrf_token: null, expires_at: null, fresh_until: null, sign_in_again: null },
}

export interface AskedAgain {
  /** At the provider; null: by a new one-time link. */
  readonly where: string | null
  /** Who has to show it. */
  readonly user: User | null
  readonly answer: (goOn: boolean) => void
}

export class SessionState implements SessionHold {
  readonly session: ShallowRef<Session | undefined> = shallowRef()
  readonly farm: ShallowRef<Farm | undefined> = shallowRef()
  readonly error: ShallowRef<FarmApiError | undefined> = shallowRef()
  /** The session ended while it was in use; they are asked to sign in again. */
  readonly expired: ShallowRef<boolean> = shallowRef(false)
  readonly user: ComputedRef<User | null> = computed(() => this.session.value?.user ?? null)
  readonly isOperator: ComputedRef<boolean> = computed(() => this.#isAtLeast('operator'))
  readonly isAdmin: ComputedRef<boolean> = computed(() => this.#isAtLeast('admin'))
  /** Where somebody is to show once more who they are; the answer says whether to go on. */
  readonly asked: ShallowRef<AskedAgain | undefined> = shallowRef()
  readonly http: Http = new Http(this)

  /** Both, or the error why not. */
  async load(): Promise<void> {
    try {
      const [session, farm] = await Promise.all([
        this.http.json<Session>('GET', '/v1/session'),
        this.http.json<Farm>('GET', '/v1/farm'),
      ])
      this.session.value = session
      this.farm.value = farm
      this.error.value = undefined
      if (session.user !== null) this.expired.value = false
    } catch (error) {
      this.error.value = asFarmApiError(error)
    }
  }

  csrfToken(): string | null {
    return this.session.value?.csrf_token ?? null
  }

  async renew(): Promise<void> {
    this.session.value = await this.http.json<Session>('GET', '/v1/session')
  }

  lost(): void {
    this.session.value = nobody
    this.expired.value = true
  }

  showAgain(where: string | null): Promise<boolean> {
    this.asked.value?.answer(false)
    return new Promise((resolve) => {
      const answer = (goOn: boolean) => {
        this.asked.value = undefined
        resolve(goOn)
      }
      this.asked.value = { where, user: this.user.value, answer }
    })
  }

  /** For a page that is left for what only a fresh sign-in may begin. */
  async isFresh(): Promise<boolean> {
    await this.renew()
    const { fresh_until: until, sign_in_again: where } = this.session.value ?? nobody
    return until !== null || this.showAgain(where)
  }

  #isAtLeast(least: Role): boolean {
    const role = this.user.value?.role
    return role !== undefined && rank[role] >= rank[least]
  }
}

export const sessionKey: InjectionKey<SessionState> = Symbol('session')

export function useSession(): SessionState {
  const session = inject(sessionKey)
  if (session === undefined) throw new Error('nobody provides the session')
  return session
}
