/** The description of the API says of each operation who may ask it, from the same table that is enforced. */
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { permissionSentences } from './permission-words.ts'
import { permissionOf } from './permissions.ts'

export function sayWhoMay(asked: Parameters<typeof jsonSchemaTransform>[0]) {
  const { schema, url } = jsonSchemaTransform(asked)
  const method = [asked.route.method].flat()[0] ?? ''
  const permission = permissionOf(method, asked.route.url)
  if (permission === undefined || schema['hide'] === true) return { schema, url }
  const { description } = schema
  const told = typeof description === 'string' ? [description] : []
  return {
    schema: {
      ...schema,
      description: [...told, permissionSentences(permission)].join('\n\n'),
      // Who is not asked for needs no token.
      ...(permission.who === 'anyone' && { security: [] }),
    },
    url,
  }
}
