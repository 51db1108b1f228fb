/** A component of the console as it is shown: real Codex, real texts, real addresses; the API answers as the test says. */
import { farmApiKey, messagesKey } from '@wikistead/components'
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { onTestFinished, vi } from 'vitest'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter, RouterView, type Router } from 'vue-router'
import { ConsoleApi } from '../src/console-api.ts'
import { I18n } from '../src/i18n.ts'
import { SessionState, sessionKey } from '../src/session.ts'
import { i18nKey } from '../src/use-i18n.ts'

/** What was asked of the API: method, path with its query, body. */
type Asked = readonly [method: string, path: string, body?: unknown]
/** An answer, or its status with a problem. */
export type Answers = (...asked: Asked) => unknown

export interface Shown {
  readonly page: VueWrapper
  readonly router: Router
  readonly asked: readonly Asked[]
  /** Until all that was set off has come to rest. */
  readonly settled: () => Promise<void>
}

export async function show(
  component: Component,
  {
    props = {},
    path = '/',
    answers = () => ({}),
  }: {
    readonly props?: Readonly<Record<string, unknown>>
    readonly path?: string
    readonly answers?: Answers
  } = {},
): Promise<Shown> {
  const asked: Asked[] = []
  vi.stubGlobal('fetch', async (url: string, { method = 'GET', body }: RequestInit = {}) => {
    const one: Asked = typeof body === 'string' ? [method, url, JSON.parse(body)] : [method, url]
    asked.push(one)
    const answer = await answers(...one)
    return answer instanceof Response ? answer : new Response(JSON.stringify(answer))
  })
  onTestFinished(() => {
    vi.unstubAllGlobals()
  })
  const i18n = new I18n()
  const session = new SessionState()
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/:rest(.*)*', component, props: () => ({ ...props }) }],
  })
  await router.push(path)
  const page = mount(RouterView, {
    attachTo: document.body,
    global: {
      plugins: [router],
      provide: {
        [messagesKey as symbol]: i18n,
        [i18nKey as symbol]: i18n,
        [sessionKey as symbol]: session,
        [farmApiKey as symbol]: new ConsoleApi(session.http),
      },
    },
  })
  onTestFinished(() => {
    page.unmount()
  })
  await flushPromises()
  return {
    ...{ page, router, asked },
    settled: async () => {
      await flushPromises()
      await flushPromises()
    },
  }
}

/** A refusal as the API words it. */
export const refusal = (status: number, code: string): Response =>
  new Response(JSON.stringify({ type: '', title: code, status, code, detail: `${code}.` }), { status })
