import { roles, User } from '@wikistead/contracts'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { z } from 'zod'
import { withApi } from '../api-place.ts'
import { columns } from '../columns.ts'
import { openClient } from '../open-client.ts'
import type { Environment, Options } from '../setting-flags.ts'

const NewUser = z.object({ user: User, token: z.string() })
const UserList = z.object({ users: z.array(User) })

export function addUser(program: Command, env: Environment): void {
  const user = program.command('user').description('users of the farm, for its admins')

  withApi(user.command('add'))
    .description('make a user and a token that acts for them; the token is shown once')
    .argument('<name>', 'their name, as others see it')
    .requiredOption(
      '--subject <sub>',
      'their OIDC subject: the `sub` by which the farm knows the owner of a site',
    )
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).default('member'))
    .option('--site-limit <number>', 'how many sites they may have; the farm-wide limit when left out', limit)
    .action(async (name: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { subject, role, siteLimit } = options
      const { user, token } = await api.ask({
        ...{ method: 'POST', path: '/v1/users' },
        body: { name, subject, role, site_limit: siteLimit },
        answer: NewUser,
      })
      out.done(
        { user, token },
        `${user.name} is user ${String(user.id)} (${user.role}).`,
        `Their token, shown only now: ${token}`,
      )
    })

  withApi(user.command('list'))
    .description('list all users')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { users } = await api.ask({ path: '/v1/users', answer: UserList })
      for (const user of users) out.event('user', user)
      const rows = users.map(({ id, name, role, site_limit: most, identities }) => [
        ...[String(id), name, role, most === null ? 'as configured' : String(most)],
        identities.map(({ issuer, subject }) => `${subject} (${issuer})`).join(', '),
      ])
      out.done({ count: users.length }, ...columns([['ID', 'NAME', 'ROLE', 'SITES', 'KNOWN AS'], ...rows]))
    })
}

function limit(value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It is a whole number from 0.')
}
