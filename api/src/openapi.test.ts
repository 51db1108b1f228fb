/** The description of the API: valid, whole, and what the API then does. */
import { compileErrors, validate } from '@readme/openapi-parser'
import { startApiUnderTest, type ApiUnderTest } from '@wikistead/test/api-under-test'
import { afterAll, beforeAll, expect, test } from 'vitest'

interface Operation {
  readonly tags?: string[]
  readonly summary?: string
  readonly description?: string
  readonly parameters?: { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: unknown
  readonly responses: Record<string, { content?: Record<string, { schema?: { $ref?: string } }> }>
}
interface Description {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { schemas: Record<string, object>; securitySchemes: Record<string, object> }
}

let api: ApiUnderTest
let description: Description
beforeAll(async () => {
  api = await startApiUnderTest()
  description = JSON.parse((await api.ask('GET', '/openapi.json')).text) as Description
})
afterAll(() => api[Symbol.asyncDispose]())

const operations = () =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )

test('is valid OpenAPI 3.1', async () => {
  expect(description.openapi).toBe('3.1.0')
  const result = await validate(structuredClone(description) as unknown as Parameters<typeof validate>[0])
  expect(result.valid ? '' : compileErrors(result)).toBe('')
})

test('names every route that was registered, and no other', () => {
  const hidden = /^GET \/(?:\.well-known\/security\.txt|metrics|openapi\.json|reference.*)$/
  const registered = [...api.app.everyRoute]
    .map((route) => route.replace(/:(\w+)/g, '{$1}'))
    .filter((route) => !hidden.test(route))
  expect(registered.length).toBeGreaterThan(25)
  const described = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`)
  expect(described.sort()).toEqual(registered.sort())
})

test('every operation is sorted, told, and says how it refuses', () => {
  for (const { path, method, operation } of operations()) {
    const name = `${method} ${path}`
    expect([name, operation.tags?.length, (operation.summary ?? '').length > 5]).toEqual([name, 1, true])
    expect([name, operation.description]).toEqual([name, expect.stringMatching(/(^|\n)For [a-z]/)])
    if (!path.startsWith('/v1/')) continue
    const problems = Object.entries(operation.responses).filter(([status]) => /^[45]/.test(status))
    expect([name, problems.map(([status]) => status)]).toEqual([name, ['4XX', '5XX']])
    for (const [, { content }] of problems) {
      expect(content?.['application/problem+json']?.schema?.$ref).toBe('#/components/schemas/Problem')
    }
    for (const [, variable] of path.matchAll(/\{(\w+)\}/g)) {
      expect(operation.parameters).toContainEqual(expect.objectContaining({ name: variable, in: 'path' }))
    }
  }
})

test('what is written says what it takes, save what its path says whole', () => {
  const saysWhole =
    /(restore|retry|cancel|clear|transfer|accept|decline|first-sign-in|reindex|read-invitations|account-link|options)$/
  const silent = operations()
    .filter(({ path, method, operation }) => {
      return (
        path.startsWith('/v1/') &&
        ['post', 'put', 'patch'].includes(method) &&
        operation.requestBody === undefined &&
        !saysWhole.test(path)
      )
    })
    .map(({ path, method }) => `${method} ${path}`)
  expect(silent.sort()).toEqual(['post /v1/account/recovery-codes', 'post /v1/account/second-factor'])
})

test('names its shapes once, and the token that it wants', () => {
  expect(Object.keys(description.components.schemas)).toEqual(
    expect.arrayContaining(['Alarm', 'Problem', 'Task', 'TaskAccepted', 'TaskEvent', 'User', 'Wiki']),
  )
  expect(description.components.securitySchemes).toEqual({
    token: { type: 'http', scheme: 'bearer' },
    session: { type: 'apiKey', in: 'cookie', name: 'wikistead-session' },
  })
})
