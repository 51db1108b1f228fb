import {
  AddReader,
  FindAccounts,
  ListReaders,
  WikiAccounts,
  WikiReader,
  WikiReaders,
} from '@wikistead/contracts'
import { askReaders } from '@wikistead/tasks'
import { z } from 'zod'
import { wikiOf } from '../../access/enforce-permissions.ts'
import { noteForAudit } from '../../access/audit-trail.ts'
import { presentReadInvitation } from '../../answers/present-read-invitations.ts'
import { WikiParams } from '../../answers/wiki-answers.ts'
import type { ApiDeps } from '../../deps.ts'
import { refused, type Routes } from '../../routes.ts'

const tags = ['readers of private wikis']

/** Who reads a private wiki that shares a hub's accounts: the wiki itself keeps them, and is asked each time. */
export function readersRoutes(routes: Routes, deps: ApiDeps): void {
  const { store } = deps

  routes.get(
    '/v1/wikis/:id/readers',
    {
      schema: {
        tags,
        summary: 'Who reads a private wiki, and who is invited to',
        params: WikiParams,
        querystring: ListReaders,
        response: { 200: WikiReaders, ...refused },
      },
    },
    async (request) => {
      const wiki = wikiOf(request)
      const { q: text } = request.query
      const { readers, more } = await askReaders(deps, wiki, {
        do: 'list',
        ...(text !== undefined && { text }),
      })
      const invitations = await store.readInvitations.of(wiki.wiki_id)
      return { readers: [...readers].map(shown), more, invitations: invitations.map(presentReadInvitation) }
    },
  )

  routes.get(
    '/v1/wikis/:id/accounts',
    {
      schema: {
        tags,
        summary: 'Accounts of the hub that could read a private wiki, by how their names begin',
        params: WikiParams,
        querystring: FindAccounts,
        response: { 200: WikiAccounts, ...refused },
      },
    },
    async (request) => {
      const { readers, more } = await askReaders(deps, wikiOf(request), { do: 'find', text: request.query.q })
      return { accounts: readers.map(shown), more }
    },
  )

  routes.post(
    '/v1/wikis/:id/readers',
    {
      schema: {
        tags,
        summary: 'Let an account of the hub read a private wiki',
        description: 'It becomes a `member` there; once more changes nothing.',
        params: WikiParams,
        body: AddReader,
        response: { 200: WikiReader, ...refused },
      },
    },
    async (request) => {
      const { name, account } = request.body
      const ask =
        account === undefined ? { do: 'add' as const, name: name ?? '' } : { do: 'add' as const, account }
      const { readers } = await askReaders(deps, wikiOf(request), ask)
      noteForAudit(request, { reason: `reader ${readers[0]?.name ?? ''}` })
      return shown(readers[0] ?? { account: 0, name: '', groups: [] })
    },
  )

  routes.delete(
    '/v1/wikis/:id/readers/:account',
    {
      schema: {
        tags,
        summary: 'Let an account of the hub read a private wiki no more',
        description: 'Who is more than a `member` there reads it all the same: `reader_stays`.',
        params: WikiParams.extend({ account: z.coerce.number().int().positive() }),
        response: { 204: z.null(), ...refused },
      },
    },
    async (request, reply) => {
      const { account } = request.params
      noteForAudit(request, { reason: `reader ${String(account)}` })
      await askReaders(deps, wikiOf(request), { do: 'remove', account })
      return reply.code(204).send(null)
    },
  )
}

const shown = ({ account, name, groups }: { account: number; name: string; groups: readonly string[] }) => ({
  ...{ account, name, groups: [...groups] },
})
