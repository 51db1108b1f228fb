import { NewReadInvitation, WikiReader, WikiReaders, type ReadInvitation } from '@wikistead/contracts'
import type { Command } from 'commander'
import { z } from 'zod'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { CommandFailure } from '../../errors.ts'
import { findWiki } from '../../find-wiki.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

/** Who reads a private wiki of a hub: told, and changed. */
export function addReaders(program: Command, env: Environment): void {
  const readers = program
    .command('members')
    .description('who reads a private MediaWiki wiki of yours, where wikis share the accounts of a hub')

  withApi(readers.command('list', { isDefault: true }))
    .description('list them, and the invitations that stand')
    .argument('<wiki>', 'its slug or id')
    .option('--find <text>', 'only those whose names begin so')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { id } = await findWiki(api, meant)
      const found = await api.ask({ path: pathOf(id, options['find']), answer: WikiReaders })
      for (const reader of found.readers) out.event('reader', reader)
      for (const invitation of found.invitations) out.event('invitation', invitation)
      out.done(
        { ...found },
        ...columns(found.readers.map(({ name, groups }) => [name, groups.join(', ')])),
        ...(found.more ? ['There are more: say with --find how the name begins.'] : []),
        ...found.invitations.map(standing),
      )
    })

  withApi(readers.command('add'))
    .description('let an account of the hub read it')
    .argument('<wiki>', 'its slug or id')
    .argument('<name>', 'the account on the hub, exactly')
    .action(async (meant: string, name: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { id, address } = await findWiki(api, meant)
      const reader = await api.ask({
        ...{ method: 'POST', path: `/v1/wikis/${String(id)}/readers`, answer: WikiReader, body: { name } },
      })
      out.done(reader, `${reader.name} reads ${address}.`)
    })

  withApi(readers.command('remove'))
    .description('let an account of the hub read it no more')
    .argument('<wiki>', 'its slug or id')
    .argument('<name>', 'the account on the hub, exactly')
    .action(async (meant: string, name: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { id, address } = await findWiki(api, meant)
      const found = await api.ask({ path: pathOf(id, name), answer: WikiReaders })
      const reader = found.readers.find((one) => one.name === name)
      if (reader === undefined) {
        throw new CommandFailure('refused', `${name} is no reader of ${address}.`, {
          code: 'hub_account_not_found',
        })
      }
      const path = `/v1/wikis/${String(id)}/readers/${String(reader.account)}`
      await api.ask({ method: 'DELETE', path, answer: z.unknown() })
      out.done({ ...reader, groups: [] }, `${name} does not read ${address} any more.`)
    })

  withApi(readers.command('invite'))
    .description('a link by which whoever opens it, signed in, reads the wiki; it counts once')
    .argument('<wiki>', 'its slug or id')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { id } = await findWiki(api, meant)
      const path = `/v1/wikis/${String(id)}/read-invitations`
      const made = await api.ask({ method: 'POST', path, answer: NewReadInvitation })
      out.done(made, made.url, `It counts once, until ${moment(made.invitation.expires_at)}.`)
    })
}

const pathOf = (id: number, beginning: unknown): string =>
  `/v1/wikis/${String(id)}/readers${typeof beginning === 'string' ? `?${new URLSearchParams({ q: beginning }).toString()}` : ''}`

const standing = ({ id, expires_at: expires }: ReadInvitation): string =>
  `Invitation ${id} stands until ${moment(expires)}.`
