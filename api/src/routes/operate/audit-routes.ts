import { AuditExport, AuditList, AuditSeals, ExportAudit, ListAudit } from '@wikistead/contracts'
import { sealedRows } from '@wikistead/store'
import { z } from 'zod'
import { decodeCursor, encodeCursor } from '../../answers/cursor.ts'
import type { ApiDeps } from '../../deps.ts'
import { presentAudit } from '../../answers/present.ts'
import { presentSeals } from '../../answers/present-seals.ts'
import { refused, type Routes } from '../../routes.ts'

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

  routes.get(
    '/v1/audit/seals',
    {
      schema: {
        tags: ['operations'],
        summary: 'How far the audit log is sealed, and when that was last checked',
        description:
          'Write the newest seal’s number and hash down elsewhere: whoever rewrites the log and all of its seals cannot rewrite that. `wikistead audit verify --anchor` compares.',
        response: { 200: AuditSeals, ...refused },
      },
    },
    async () => presentSeals(store),
  )

  routes.get(
    '/v1/audit/export',
    {
      schema: {
        tags: ['operations'],
        summary: 'The sealed part of the audit log with its seals, oldest first',
        description:
          'As the store has it, so that it can be checked by others: `wikistead audit verify` and `wikistead audit export` ask this. What is not sealed yet comes later.',
        querystring: ExportAudit,
        response: { 200: AuditExport, ...refused },
      },
    },
    async ({ query: { after } }) => {
      const sealed = await sealedRows(store, { after, mostSeals: 200, mostRows: 2_000 })
      const last = sealed.at(-1)?.seal.seal
      const head = last === undefined ? undefined : await store.auditSeals.head()
      const more = head !== undefined && last !== undefined && head.seal > last
      return {
        sealed: sealed.map(({ seal, rows }) => ({ seal, rows: [...rows] })),
        next_after: more ? last : null,
      }
    },
  )
}
