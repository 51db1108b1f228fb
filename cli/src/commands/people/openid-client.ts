/** `wikistead openid-client`: other sites that sign their visitors in with their account of this farm. */
import { writeFile } from 'node:fs/promises'
import { NewOpenidClient, OpenidClientList } from '@wikistead/contracts'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { CommandFailure } from '../../errors.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

const path = '/v1/openid-clients'

export function addOpenidClient(program: Command, env: Environment): void {
  const client = program
    .command('openid-client')
    .description('sites and programs whose visitors sign in with their account of this farm')

  withApi(client.command('add'))
    .description('let one in; its secret is shown once, or written to a file that only you can read')
    .argument('<id>', 'what it is called, e.g. hub')
    .argument('<redirect-uri...>', 'where its sign-ins end, letter by letter')
    .option('--name <name>', 'what people call it')
    .option('--without-pkce', 'for a client that does not know PKCE and keeps its secret on a server')
    .option('--secret-file <path>', 'a new file for the secret, instead of showing it')
    .action(async (id: string, redirectUris: readonly string[], options: Options) => {
      const { api, out } = await openClient(options, env)
      const file = options['secretFile']
      const name = options['name']
      // Before there is a secret that nobody would ever see.
      if (typeof file === 'string') await reserve(file)
      const { issuer, client, secret } = await api.ask({
        ...{ method: 'POST', path, answer: NewOpenidClient },
        body: {
          id,
          redirect_uris: redirectUris,
          pkce: options['withoutPkce'] !== true,
          ...(name !== undefined && { name }),
        },
      })
      if (typeof file === 'string') await writeFile(file, `${secret}\n`, { mode: 0o600 })
      out.done(
        { issuer, client, ...(typeof file === 'string' ? { secret_file: file } : { secret }) },
        `${client.id} may sign people in at ${issuer}.`,
        typeof file === 'string' ? `Its secret is in ${file}.` : `Its secret, shown only now: ${secret}`,
      )
    })

  withApi(client.command('list'))
    .description('list them, the farm’s own as well')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { issuer, clients } = await api.ask({ path, answer: OpenidClientList })
      for (const each of clients) out.event('client', each)
      const rows = clients.map(({ id, name, own, redirect_uris: uris }) => [
        ...[id, name, own ? 'the farm’s sites' : uris.join(' ')],
      ])
      out.done(
        { issuer, count: clients.length },
        ...(clients.length === 0 ? ['No clients.'] : columns([['ID', 'NAME', 'SIGN-INS END AT'], ...rows])),
      )
    })

  withApi(client.command('remove'))
    .description('sign nobody in there any more')
    .argument('<id>', 'as `openid-client list` tells it')
    .action(async (id: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      await api.ask({ method: 'DELETE', path: `${path}/${encodeURIComponent(id)}`, answer: OpenidClientList })
      out.done({ removed: id }, `${id} signs nobody in any more.`)
    })
}

/** @throws CommandFailure when it cannot be made, or is there */
async function reserve(file: string): Promise<void> {
  try {
    await writeFile(file, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw new CommandFailure(
      'usage',
      `--secret-file: ${error instanceof Error ? error.message : 'cannot be written'}`,
    )
  }
}
