import { AuditList, ListAudit } from '@wikistead/contracts'
import { z } from 'zod'
import { decodeCursor, encodeCursor } from '../answers/cursor.ts'
import type { ApiDeps } from '../deps.ts'
import { presentAudit } from '../answers/present.ts'
import { refused, type Routes } from '../routes.ts'

export function auditRoutes(routes: Routes, { store }: ApiDeps): void {
  routes.get(
    '/v1/audit',
    {
      schema: {
        tags: ['operations'],
        summary: 'Who did what, or was refused it, newest first',
        description:
          'One entry for each request that changes something, and for each sign-in; kept for ever, and never with what was in the request. Who is told again and again to slow down is written once a minute.',
        querystring: ListAudit,
        response: { 200: AuditList, ...refused },
      },
    },
    async (request) => {
      const { cursor, limit, actor, action, subject } = request.query
      const before = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.number()]))[0]
      const rows = await store.audit.list({
        limit: limit + 1,
        ...(before !== undefined && { before }),
        ...(actor !== undefined && { userId: actor }),
        ...(action !== undefined && { action }),
        ...(subject !== undefined && { subject }),
      })
      const page = rows.slice(0, limit)
      const last = page.at(-1)
      const more = rows.length > limit && last !== undefined
      return {
        entries: await presentAudit(store, page),
        next_cursor: more ? encodeCursor([last.audit_id]) : null,
      }
    },
  )
}
