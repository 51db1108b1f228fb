import { InvitationList, NewInvitation, roles, type Invitation } from '@wikistead/contracts'
import { Option, type Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { moment } from '../../moment.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

/** Invitations to accounts of the farm's own. */
export function addInvite(program: Command, env: Environment): void {
  withApi(program.command('invite'))
    .description('invite somebody: a link by which they make their account, once')
    .option('--mail <address>', 'to whom the link is mailed as well, where the farm sends mail')
    .addOption(new Option('--language <code>', 'of that mail').choices(['en', 'zh-hans', 'ar']).default('en'))
    .option('--name <name>', 'what they are called until they say otherwise')
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).default('member'))
    .option('--add', 'make the user now, under --name; the link then opens their account')
    .option('--expires-in <duration>', 'how long the link stands, 30d at most', '7d')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { name, mail, language, role, add, expiresIn } = options
      const made = await api.ask({
        ...{ method: 'POST', path: '/v1/invitations' },
        body: { name, mail, language, role, add, expires_in: expiresIn },
        answer: NewInvitation,
      })
      out.done(made, made.url)
    })

  const invitation = program
    .command('invitation')
    .description('invitations to accounts of this farm, for its operators')

  withApi(invitation.command('list'))
    .description('invitations that nobody has used yet')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const { invitations } = await api.ask({ path: '/v1/invitations', answer: InvitationList })
      out.done({ invitations }, ...linesOf(invitations))
    })

  withApi(invitation.command('withdraw'))
    .description('take an invitation back; its link lets nobody in any more')
    .argument('<id>', 'as `invitation list` tells it')
    .action(async (id: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const path = `/v1/invitations/${encodeURIComponent(id)}`
      const { invitations } = await api.ask({ method: 'DELETE', path, answer: InvitationList })
      out.done({ invitations }, 'The invitation is withdrawn.')
    })
}

function linesOf(invitations: readonly Invitation[]): string[] {
  if (invitations.length === 0) return ['Nobody is invited.']
  const rows = invitations.map(({ id, name, mail, role, user, invited_by: by, expires_at: until }) => [
    ...[id, user?.name ?? name ?? '', mail ?? '', role, by?.name ?? '', moment(until)],
  ])
  return columns([['ID', 'NAME', 'MAIL', 'ROLE', 'INVITED BY', 'UNTIL'], ...rows])
}
