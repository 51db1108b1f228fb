/**
 * What the MediaWiki extension speaks: the paths and shapes that its founders gave it, answered by what answers /v1.
 * Users are named by the ids of their accounts on the hub.
 */
import {
  CreateMediaWiki,
  LinkHubAccount,
  LinkVouched,
  ListProvisionedWikis,
  ProvisionedWikis,
  Readiness,
  SignInByHubAccount,
  TaskAccepted,
  Wiki,
} from '@wikistead/contracts'
import { admitCreateMediaWiki } from '@wikistead/tasks'
import { z } from 'zod'
import { requireActing, requireActor, requireRole } from '../access/acting.ts'
import { mediaWikiRequest } from './wikis/create-wiki-route.ts'
import type { ApiDeps } from '../deps.ts'
import { readiness } from './health-routes.ts'
import { provisionedPage } from './provisioned-page.ts'
import { eyesOf } from '../access/ownership.ts'
import { refused, type Routes } from '../routes.ts'
import { linksRoute, servicePrefix, signInsRoute } from '../access/service-acting.ts'
import { serviceTokenInvalid, type ServiceWord } from '../access/service-token.ts'
import { vouchForHubLink } from '../sign-in/hub-link.ts'
import { vouchForHubSignIn } from '../sign-in/hub-sign-in.ts'
import { TaskHeaders, WikiAnswers } from '../answers/wiki-answers.ts'

const tags = ['for the MediaWiki extension']

export function provisionerRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps
  const answers = new WikiAnswers(deps)

  routes.post(
    `${servicePrefix}/wikis`,
    {
      schema: {
        tags,
        summary: 'Create a MediaWiki wiki, whose founder is the hub’s account',
        headers: TaskHeaders,
        body: CreateMediaWiki.omit({ engine: true, owner_name: true, hub: true }),
        response: { 201: Wiki, 202: TaskAccepted, ...refused },
      },
    },
    async (request, reply) => {
      const actor = requireActor(request)
      const wanted = {
        ...request.body,
        engine: 'mediawiki',
        owner_name: request.service?.name,
        hub: false,
      } as const
      const admitted = await admitCreateMediaWiki(store, {
        ...answers.admission(request, actor),
        ...mediaWikiRequest(deps, wanted, actor),
        ownerAccount: accountOf(request.service),
      })
      return answers.afterTask(request, reply, admitted, 201)
    },
  )

  routes.get(
    `${servicePrefix}/wikis`,
    {
      schema: {
        tags,
        summary: 'List wikis, newest first; `featured=1`: those that the farm shows to everybody',
        querystring: ListProvisionedWikis,
        response: { 200: ProvisionedWikis, ...refused },
      },
    },
    async ({ acting, query: { featured, limit, offset } }) =>
      provisionedPage(
        deps,
        acting,
        { ...eyesOf(acting), ...(featured !== undefined && { featured }) },
        { limit, offset },
      ),
  )

  routes.get(
    `${servicePrefix}/users/:id/wikis`,
    {
      schema: {
        tags,
        summary: 'The wikis of an account of the hub: one’s own, or for who looks after the farm',
        params: z.object({ id: z.string().regex(/^[1-9]\d{0,18}$/) }),
        querystring: ListProvisionedWikis.omit({ featured: true }),
        response: { 200: ProvisionedWikis, ...refused },
      },
    },
    async (request) => {
      const { service, acting, params, query } = request
      if (service?.account !== params.id) requireRole(requireActing(request), 'operator')
      const owner =
        service?.account === params.id
          ? acting?.user
          : await store.users.byIdentity(service?.issuer ?? '', params.id)
      if (owner === undefined) return { wikis: [] }
      return provisionedPage(deps, acting, { ownerId: owner.user_id }, query)
    },
  )

  routes.post(
    linksRoute,
    {
      schema: {
        tags,
        summary:
          'Say which account of the hub the browser with this code has; it goes on to confirm it where it began',
        body: LinkHubAccount,
        response: { 200: LinkVouched, ...refused },
      },
    },
    async ({ service, body }) => {
      if (service === undefined) throw serviceTokenInvalid('there is none')
      const secret = await vouchForHubLink(store, body.code, service)
      // Behind the `#`: it is sent to no server, and is in no log.
      return { url: `${deps.publicUrl()}/account/hub-link#${secret}` }
    },
  )

  routes.post(
    signInsRoute,
    {
      schema: {
        tags,
        summary:
          'Say as which account of the hub the browser with this code signs in; it goes on to where it began',
        body: SignInByHubAccount,
        response: { 200: LinkVouched, ...refused },
      },
    },
    async ({ service, body: { code, signed_in_seconds_ago: ago } }) => {
      if (service === undefined) throw serviceTokenInvalid('there is none')
      const secret = await vouchForHubSignIn(store, code, service, ago === null ? null : ago * 1_000)
      // It counts once, in the browser that began alone.
      return { url: `${deps.publicUrl()}/auth/hub/callback?code=${secret}` }
    },
  )

  routes.get(
    `${servicePrefix}/health`,
    {
      schema: {
        tags,
        summary: 'What is up and what is down',
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const now = await readiness(deps)
      return reply.code(now.status === 'down' ? 503 : 200).send(now)
    },
  )

  function accountOf(service: ServiceWord | undefined): number {
    if (service === undefined) throw serviceTokenInvalid('there is none')
    return Number(service.account)
  }
}
