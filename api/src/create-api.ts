/** HTTP and SSE over the store: the API admits tasks and tells of them, and never provisions. */
import fastifyCookie from '@fastify/cookie'
import fastifySwagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import * as contracts from '@wikistead/contracts'
import { fastify } from 'fastify'
import {
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { z } from 'zod'
import { accountsRoutes } from './accounts/accounts-routes.ts'
import { addressRoute } from './routes/wikis/address-route.ts'
import { auditRoutes } from './routes/operate/audit-routes.ts'
import { tellOfUnknownProxy } from './access/unknown-proxy.ts'
import { keepAudit } from './access/audit-trail.ts'
import { bearerTokens } from './access/acting.ts'
import { alarmRoutes } from './routes/operate/alarms-routes.ts'
import { changeWikiRoutes } from './routes/wikis/change-wiki-routes.ts'
import { consoleFiles, missingPage } from './routes/console-files.ts'
import { createWikiRoute } from './routes/wikis/create-wiki-route.ts'
import type { ApiDeps } from './deps.ts'
import { OpenStreams } from './access/open-streams.ts'
import { enforcePermissions } from './access/enforce-permissions.ts'
import { overviewRoute } from './routes/operate/overview-route.ts'
import { farmRoute } from './routes/operate/farm-route.ts'
import { firstSignInRoute } from './routes/wikis/first-sign-in-route.ts'
import { healthRoutes } from './routes/health-routes.ts'
import { hostRoutes } from './routes/operate/hosts-routes.ts'
import { instanceRoutes } from './routes/operate/instances-routes.ts'
import { listWikisRoutes } from './routes/wikis/list-wikis-routes.ts'
import { nameRoutes } from './routes/wikis/names-routes.ts'
import { answerProblems, answerUnreadable, answerUnroutable } from './answers/problems.ts'
import { securityHeaders } from './answers/security-headers.ts'
import { sayWhoMay } from './access/say-who-may.ts'
import { rateLimiter } from './access/rate-limits.ts'
import { identityNeedsRoute } from './routes/people/identity-needs-route.ts'
import { openidClientRoutes } from './routes/people/openid-clients-routes.ts'
import { quotaRoutes } from './routes/people/quotas-routes.ts'
import { cookieSessions } from './sign-in/cookie-sessions.ts'
import { Cookies } from './sign-in/cookies.ts'
import { OwnProvider } from './openid/own-provider.ts'
import { openidRoutes } from './openid/openid-routes.ts'
import { answerPages } from './sign-in/pages.ts'
import { Provider } from './sign-in/provider.ts'
import { signInRoutes } from './sign-in/sign-in-routes.ts'
import { proofRoute } from './routes/wikis/proof-route.ts'
import { provisionerRoutes } from './routes/provisioner-routes.ts'
import { provisionerSlugRoutes } from './routes/provisioner-slug-routes.ts'
import { actingSources, requireSignedBodies, servicePrefix } from './access/service-acting.ts'
import { securityTxtRoute } from './routes/security-txt-route.ts'
import { shared } from './routes/shared.ts'
import { reindexRoute } from './routes/operate/reindex-route.ts'
import { suspensionRoutes } from './routes/operate/suspension-routes.ts'
import { syncRoutes } from './routes/operate/sync-routes.ts'
import { oneTaskRoutes, taskRoutes } from './routes/tasks/tasks-routes.ts'
import { readInvitationRoutes } from './routes/wikis/read-invitations-routes.ts'
import { readersRoutes } from './routes/wikis/readers-routes.ts'
import { transferRoutes } from './routes/wikis/transfers-routes.ts'
import { tokenRoutes } from './routes/people/tokens-routes.ts'
import { userRoutes } from './routes/people/users-routes.ts'
import { version } from './version.ts'

const { Alarm, Host, Problem, SyncSchedule, Task, TaskAccepted, TaskEvent, User, Wiki } = contracts
for (const [id, schema] of Object.entries({
  Alarm,
  Host,
  Problem,
  SyncSchedule,
  Task,
  TaskAccepted,
  TaskEvent,
  User,
  Wiki,
})) {
  z.globalRegistry.add(schema, { id })
}

export async function createApi(deps: ApiDeps) {
  const { trustedProxies = [] } = deps
  const app = fastify({
    loggerInstance: deps.logger,
    forceCloseConnections: true,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    bodyLimit: 64 * 1024,
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: answerUnroutable(deps.supportUrl),
    clientErrorHandler: answerUnreadable(deps.supportUrl),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  // All that we read is JSON.
  app.removeContentTypeParser('text/plain')
  const { consoleFolder } = deps
  answerProblems(app, deps.supportUrl, consoleFolder === undefined ? undefined : missingPage(consoleFolder))
  // Before whoever asks for a cookie.
  await app.register(fastifyCookie)
  const cookies = new Cookies(deps.publicUrl)
  const provider = deps.provider && new Provider(deps.provider, deps.publicUrl, deps.logger)
  const own = deps.provider === undefined ? ownProvider(deps) : undefined
  const watch = own?.watch()
  app.addHook('onClose', async () => watch?.[Symbol.dispose]())
  app.decorateRequest('session', undefined)
  keepAudit(app, deps.store)
  const limiter = await rateLimiter(app, deps.rateLimits)
  tellOfUnknownProxy(app, trustedProxies)
  await securityHeaders(app, () => deps.publicUrl().startsWith('https:'))
  enforcePermissions(
    app,
    deps.store,
    actingSources(deps.store, deps.service, [bearerTokens(deps.store), cookieSessions(deps.store, cookies)]),
    limiter,
    deps.freshForMs === undefined ? undefined : { freshForMs: deps.freshForMs },
  )
  const streams = new OpenStreams(deps.store, deps.logger, {
    limits: deps.streamLimits,
    ...(deps.streamLookMs !== undefined && { everyMs: deps.streamLookMs }),
  })
  app.decorate('openStreams', streams)
  app.addHook('onClose', async () => {
    streams.close()
  })
  app.addHook('onResponse', async (request, reply) => {
    deps.metrics.answered({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    })
  })
  deps.metrics.gauge('wikistead_open_tasks', 'Tasks that have not ended', () => deps.store.tasks.countOpen())
  deps.metrics.gauge(
    'wikistead_open_alarms',
    'Alarms that stand',
    async () => (await deps.store.alarms.open()).length,
  )
  deps.metrics.gauge('wikistead_open_streams', 'Event streams that clients follow', () =>
    Promise.resolve(deps.events.readers),
  )

  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Wikistead', version, description: 'The control plane of a wiki farm.' },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          session: { type: 'apiKey', in: 'cookie', name: 'wikistead-session' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: sayWhoMay,
    transformObject: jsonSchemaTransformObject,
  })
  await app.register(scalar, {
    routePrefix: '/reference',
    // Nothing from elsewhere: no web fonts, no proxy, no telemetry, no hosted agent.
    configuration: {
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  })
  if (consoleFolder !== undefined) await consoleFiles(app, consoleFolder)
  await app.register(async (scope) => {
    const routes = scope.withTypeProvider<ZodTypeProvider>()
    scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
    createWikiRoute(routes, deps)
    listWikisRoutes(routes, deps)
    changeWikiRoutes(routes, deps)
    suspensionRoutes(routes, deps)
    reindexRoute(routes, deps)
    nameRoutes(routes, deps)
    taskRoutes(routes, deps)
    userRoutes(routes, deps)
    quotaRoutes(routes, deps)
    identityNeedsRoute(routes, deps)
    tokenRoutes(routes, deps)
    auditRoutes(routes, deps)
    transferRoutes(routes, deps)
    readersRoutes(routes, deps)
    readInvitationRoutes(routes, deps)
    syncRoutes(routes, deps)
    alarmRoutes(routes, deps)
    overviewRoute(routes, deps)
    hostRoutes(routes, deps)
    instanceRoutes(routes, deps)
    firstSignInRoute(routes, deps)
    proofRoute(routes, deps)
    addressRoute(routes)
    securityTxtRoute(scope, deps)
    healthRoutes(routes, provider === undefined ? deps : withHealthOf(provider, deps))
    farmRoute(routes, deps)
    signInRoutes(scope, deps, { cookies, provider, limiter })
    openidClientRoutes(routes, deps, own)
    await scope.register(async (opened) => {
      answerPages(opened, limiter)
      openidRoutes(opened, opened.withTypeProvider<ZodTypeProvider>(), deps, own)
    })
  })
  await app.register(async (scope) => {
    accountsRoutes(scope, deps, cookies)
  })
  await app.register(async (scope) => {
    requireSignedBodies(scope)
    const routes = scope.withTypeProvider<ZodTypeProvider>()
    provisionerRoutes(routes, deps)
    provisionerSlugRoutes(routes, deps)
    oneTaskRoutes(routes, deps, servicePrefix)
  })
  return app
}

/** A provider that is well is not asked again for each visitor. */
const withHealthOf = (provider: Provider, deps: ApiDeps): ApiDeps => ({
  ...deps,
  healthParts: [
    ...(deps.healthParts ?? []),
    shared(
      () => provider.health(),
      ({ ok }) => (ok ? 10_000 : 0),
    ),
  ],
})

function ownProvider({ ownProvider, store, publicUrl, fedwiki, logger }: ApiDeps): OwnProvider | undefined {
  return ownProvider && new OwnProvider({ ...ownProvider, store, publicUrl, fedwiki, logger })
}
