import { NewInvitation, QuotaList, roles, User, UserList } from '@wikistead/contracts'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { z } from 'zod'
import type { ApiClient } from '../../api-client.ts'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { CommandFailure } from '../../errors.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

const NewUser = z.object({ user: User, token: z.string().nullable() })

export function addUser(program: Command, env: Environment): void {
  const user = program.command('user').description('users of the farm, for its operators and admins')

  withApi(user.command('add'))
    .description(
      'make a user and a token that acts for them; the token is shown once, and ends with what made it',
    )
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
        token === null
          ? 'They were known before: their tokens are theirs to make.'
          : `Their token, shown only now: ${token}`,
      )
    })

  withApi(user.command('list'))
    .description('list all users, or those of a name')
    .option('--q <text>', 'part of a name, or a whole subject')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const users = await everyUser(api, options['q'])
      for (const each of users) out.event('user', each)
      out.done({ count: users.length }, ...(users.length === 0 ? ['No users.'] : userLines(users)))
    })

  withApi(user.command('show'))
    .description('show one, with what they have and may have')
    .argument('<id>', 'as `user list` tells it')
    .action(async (id: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const path = `/v1/users/${encodeURIComponent(id)}`
      const shown = await api.ask({ path, answer: User })
      const { quotas } = await api.ask({ path: `${path}/quotas`, answer: QuotaList })
      const used = quotas.map(({ engine, used, limit }) => `${engine}: ${String(used)} of ${String(limit)}`)
      out.done({ user: shown, quotas }, ...userLines([shown]), ...used)
    })

  withApi(user.command('change'))
    .description('change what they are called or may have; their role, for admins')
    .argument('<id>', 'as `user list` tells it')
    .option('--name <name>', 'their name, as others see it')
    .addOption(new Option('--role <role>', 'what they may do; nobody changes their own').choices(roles))
    .option(
      '--site-limit <number>',
      'how many FedWiki sites; `default` for the farm-wide limit',
      limitOrDefault,
    )
    .option(
      '--wiki-limit <number>',
      'how many MediaWiki wikis; `default` for the farm-wide limit',
      limitOrDefault,
    )
    .action(async (id: string, options: Options) => {
      const { name, role, siteLimit, wikiLimit } = options
      const body = { name, role, site_limit: orNull(siteLimit), wiki_limit: orNull(wikiLimit) }
      if (Object.values(body).every((value) => value === undefined)) {
        throw new CommandFailure('usage', 'Nothing to change was named: see `wikistead user change --help`.')
      }
      await change(id, options, body, () => '')
    })

  withApi(user.command('block'))
    .description('sign them out everywhere and refuse their tokens, at once')
    .argument('<id>', 'as `user list` tells it')
    .action((id: string, options: Options) =>
      change(id, options, { blocked: true }, ({ name }) => `${name} is blocked.`),
    )

  withApi(user.command('unblock'))
    .description('let them sign in again')
    .argument('<id>', 'as `user list` tells it')
    .action((id: string, options: Options) =>
      change(id, options, { blocked: false }, ({ name }) => `${name} may sign in again.`),
    )

  withApi(user.command('account-link'))
    .description('a link by which they choose their password anew, or make their account; once, within a day')
    .argument('<id>', 'as `user list` tells it')
    .action(async (id: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const path = `/v1/users/${encodeURIComponent(id)}/account-link`
      const made = await api.ask({ method: 'POST', path, answer: NewInvitation })
      out.done(made, made.url)
    })

  async function change(id: string, options: Options, body: object, told: (user: User) => string) {
    const { api, out } = await openClient(options, env)
    const path = `/v1/users/${encodeURIComponent(id)}`
    const changed = await api.ask({ method: 'PATCH', path, body, answer: User })
    const words = told(changed)
    out.done({ user: changed }, ...(words === '' ? userLines([changed]) : [words]))
  }
}

async function everyUser(api: ApiClient, q: unknown): Promise<User[]> {
  const users: User[] = []
  let cursor: string | null = null
  do {
    const query = new URLSearchParams({
      limit: '200',
      ...(typeof q === 'string' && { q }),
      ...(cursor !== null && { cursor }),
    })
    const page: UserList = await api.ask({ path: `/v1/users?${String(query)}`, answer: UserList })
    users.push(...page.users)
    cursor = page.next_cursor
  } while (cursor !== null)
  return users
}

function userLines(users: readonly User[]): string[] {
  const own = (most: number | null): string => (most === null ? 'as configured' : String(most))
  const rows = users.map(({ id, name, role, blocked, site_limit: sites, wiki_limit: wikis, identities }) => [
    ...[String(id), name, blocked ? `${role}, blocked` : role, own(sites), own(wikis)],
    identities.map(({ issuer, subject }) => `${subject} (${issuer})`).join(', '),
  ])
  return columns([['ID', 'NAME', 'ROLE', 'SITES', 'WIKIS', 'KNOWN AS'], ...rows])
}

function limit(value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It is a whole number from 0.')
}

/** Commander has no null of an option's own. */
const limitOrDefault = (value: string): number | 'default' => (value === 'default' ? value : limit(value))

const orNull = (value: unknown): unknown => (value === 'default' ? null : value)
