import { NewToken, TokenList, tokenScopes, type TokenScope } from '@wikistead/contracts'
import { InvalidArgumentError, type Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addToken(program: Command, env: Environment): void {
  const token = program.command('token').description('your own tokens, for programs that act for you')

  withApi(token.command('create'))
    .description('make one; its secret is shown once')
    .argument('<label>', 'what it is for')
    .option('--scope <scopes>', `what it may do, with commas between: ${tokenScopes.join(', ')}`, scopes, [
      'read',
    ])
    .option('--expires-in <duration>', 'how long it lives, 365d at most', '90d')
    .action(async (label: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { token, secret } = await api.ask({
        ...{ method: 'POST', path: '/v1/tokens', answer: NewToken },
        body: { label, scopes: options['scope'], expires_in: options['expiresIn'] },
      })
      out.done(
        { token, secret },
        `Token ${token.id} (${token.scopes.join(', ')}) is good until ${moment(token.expires_at)}.`,
        `Its secret, shown only now: ${secret}`,
      )
    })

  withApi(token.command('list'))
    .description('list them, with what they may do and when they were last used')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { tokens } = await api.ask({ path: '/v1/tokens', answer: TokenList })
      for (const each of tokens) out.event('token', each)
      const rows = tokens.map(
        ({ id, label, scopes, expires_at: expires, used_at: used, used_from: from }) => [
          ...[id, label, scopes.join(','), moment(expires), moment(used), from ?? ''],
        ],
      )
      out.done(
        { count: tokens.length },
        ...(tokens.length === 0
          ? ['No tokens.']
          : columns([['ID', 'LABEL', 'SCOPES', 'EXPIRES', 'LAST USED', 'FROM'], ...rows])),
      )
    })

  withApi(token.command('revoke'))
    .description('end one at once')
    .argument('<id>', 'as `token list` tells it')
    .action(async (id: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const path = `/v1/tokens/${encodeURIComponent(id)}`
      const { tokens } = await api.ask({ method: 'DELETE', path, answer: TokenList })
      out.done({ revoked: id, tokens: tokens.length }, `Token ${id} is revoked.`)
    })
}

function scopes(value: string): TokenScope[] {
  const wanted = value.split(',').map((scope) => scope.trim())
  const known = wanted.filter((scope): scope is TokenScope => tokenScopes.some((each) => each === scope))
  if (known.length === wanted.length) return known
  throw new InvalidArgumentError(`Scopes are ${tokenScopes.join(', ')}.`)
}
