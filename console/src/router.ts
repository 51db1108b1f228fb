/** The pages, who may open them, and what happens when one is opened: its title, and the focus on its heading. */
import { nextTick } from 'vue'
import { createRouter, createWebHistory, type Router, type RouteRecordRaw } from 'vue-router'
import type { I18n } from './i18n.ts'
import { operatorPages } from './operate/operator-pages.ts'
import HomePage from './pages/HomePage.vue'
import type { SessionState } from './session.ts'
import { setTitle } from './set-title.ts'

/** Whom a page is for; it is only a courtesy: the API decides. */
type Access = 'anyone' | 'member' | 'operator'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the title; a page may set a better one once it knows more. */
    readonly title: string
    readonly access: Access
  }
}

const pages: readonly RouteRecordRaw[] = [
  { path: '/', component: HomePage, meta: { title: 'console-home-title', access: 'anyone' } },
  {
    path: '/sign-in',
    component: () => import('./pages/SignInPage.vue'),
    meta: { title: 'console-sign-in-title', access: 'anyone' },
  },
  {
    path: '/sign-in/again',
    component: () => import('./pages/SignedInAgainPage.vue'),
    meta: { title: 'console-fresh-again-title', access: 'anyone' },
  },
  {
    path: '/join',
    component: () => import('./pages/JoinPage.vue'),
    props: ({ hash }) => ({ secret: hash.slice(1) }),
    meta: { title: 'console-join-title', access: 'anyone' },
  },
  {
    path: '/create',
    component: () => import('./pages/CreatePage.vue'),
    meta: { title: 'console-create-title', access: 'member' },
  },
  {
    path: '/wikis/:id(\\d+)',
    component: () => import('./pages/WikiPage.vue'),
    props: ({ params }) => ({ wikiId: Number(params['id']) }),
    meta: { title: 'console-wiki-title', access: 'member' },
  },
  {
    path: '/tasks/:id',
    component: () => import('./pages/TaskPage.vue'),
    props: ({ params }) => ({ taskId: String(params['id']) }),
    meta: { title: 'console-task-title', access: 'member' },
  },
  {
    path: '/transfers/:secret',
    component: () => import('./pages/TransferPage.vue'),
    props: ({ params }) => ({ secret: String(params['secret']) }),
    meta: { title: 'console-transfer-title', access: 'member' },
  },
  {
    path: '/read/:secret',
    component: () => import('./pages/ReadInvitationPage.vue'),
    props: ({ params }) => ({ secret: String(params['secret']) }),
    meta: { title: 'console-read-title', access: 'member' },
  },
  {
    path: '/account',
    component: () => import('./pages/AccountPage.vue'),
    meta: { title: 'console-account-title', access: 'member' },
  },
  {
    path: '/account/hub-link',
    component: () => import('./pages/HubLinkPage.vue'),
    props: ({ hash }) => ({ secret: hash.slice(1) }),
    meta: { title: 'console-hub-link-title', access: 'member' },
  },
  ...operatorPages,
  {
    path: '/:rest(.*)*',
    component: () => import('./pages/NotFoundPage.vue'),
    meta: { title: 'console-not-found-title', access: 'anyone' },
  },
]

export function createConsoleRouter(session: SessionState, i18n: I18n): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [...pages],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeEach(({ meta, fullPath }) => {
    if (meta.access === 'anyone' || session.user.value !== null || session.session.value === undefined)
      return true
    return { path: '/sign-in', query: { return_to: fullPath } }
  })
  router.afterEach((to, from, failure) => {
    if (failure !== undefined) return
    setTitle(i18n.message(to.meta.title), i18n)
    // The first page is read from its top anyway.
    if (from.matched.length > 0 && to.path !== from.path) void focusHeading()
  })
  return router
}

async function focusHeading(): Promise<void> {
  await nextTick()
  document.querySelector<HTMLElement>('main h1')?.focus()
}
