import { Command } from 'commander'
import process from 'node:process'
import { addAlarms } from './commands/operate/alarms.ts'
import { addAudit } from './commands/operate/audit.ts'
import { addChange } from './commands/wikis/change.ts'
import { addCreate } from './commands/wikis/create.ts'
import { addDelete } from './commands/wikis/delete.ts'
import { addDemo } from './commands/serve/demo.ts'
import { addDoctor } from './commands/operate/doctor.ts'
import { addReaders } from './commands/wikis/readers.ts'
import { addFirstSignIn } from './commands/wikis/first-sign-in.ts'
import { addHost } from './commands/operate/host.ts'
import { addInstances } from './commands/operate/instances.ts'
import { addOverview } from './commands/operate/overview.ts'
import { addHub } from './commands/operate/hub.ts'
import { addList } from './commands/wikis/list.ts'
import { addListTasks } from './commands/tasks/list-tasks.ts'
import { addOwnerLink } from './commands/wikis/owner-link.ts'
import { addOpenidClient } from './commands/people/openid-client.ts'
import { addPhp } from './commands/operate/php.ts'
import { addRotate } from './commands/operate/rotate.ts'
import { addReindex } from './commands/wikis/reindex.ts'
import { addRestore } from './commands/wikis/restore.ts'
import { addSuspend, addUnsuspend } from './commands/wikis/suspend.ts'
import { addServers } from './commands/serve/servers.ts'
import { addInvite } from './commands/people/invite.ts'
import { addSignInLink } from './commands/people/sign-in-link.ts'
import { addLogs } from './commands/tasks/logs.ts'
import { addOpen } from './commands/wikis/open.ts'
import { addCompletion } from './commands/operate/completion.ts'
import { addStatus } from './commands/operate/status.ts'
import { addShow } from './commands/wikis/show.ts'
import { addSync } from './commands/operate/sync.ts'
import { addTasks } from './commands/tasks/tasks.ts'
import { addTemplate } from './commands/operate/template.ts'
import { addTemporal } from './commands/serve/temporal.ts'
import { addToken } from './commands/people/token.ts'
import { addUser } from './commands/people/user.ts'
import { rememberInvocation } from './commands-in-words.ts'
import type { Environment } from './setting-flags.ts'

/** All commands; what one of them needs beyond its options is loaded when it runs. */
export function buildProgram(
  env: Environment,
  { json = false, version = '' }: { readonly json?: boolean; readonly version?: string | undefined } = {},
): Command {
  const program = new Command('wikistead')
    .description('The control plane of a wiki farm.')
    .exitOverride()
    // An option behind `audit verify` is not one of `audit`.
    .enablePositionalOptions()
    .version(version, '-V, --version', 'say which version and build this is')
    .showHelpAfterError('(run with --help for the options)')
  // A program reads the object that tells of the mistake instead.
  if (json) program.configureOutput({ writeErr: () => undefined })
  const commands = [
    ...[addDemo, addServers, addDoctor],
    ...[
      addCreate,
      addChange,
      addDelete,
      addRestore,
      addSuspend,
      addUnsuspend,
      addReindex,
      addList,
      addShow,
      addOpen,
      addOwnerLink,
      addFirstSignIn,
      addReaders,
    ],
    ...[
      addListTasks,
      addTasks,
      addLogs,
      addStatus,
      addSync,
      addAlarms,
      addInvite,
      addUser,
      addToken,
      addOpenidClient,
      addAudit,
      addSignInLink,
      addTemplate,
      addPhp,
      addTemporal,
      addHub,
      addHost,
      addInstances,
      addOverview,
      addRotate,
      addCompletion,
    ],
  ]
  for (const add of commands) add(program, env)
  program.hook('preAction', (_, command) => {
    rememberInvocation(program, command.opts(), env, process.argv)
  })
  return program
}
