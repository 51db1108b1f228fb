import { Command } from 'commander'
import { addAlarms } from './commands/alarms.ts'
import { addAudit } from './commands/audit.ts'
import { addChange } from './commands/change.ts'
import { addCreate } from './commands/create.ts'
import { addDelete } from './commands/delete.ts'
import { addDemo } from './commands/demo.ts'
import { addDoctor } from './commands/doctor.ts'
import { addFirstSignIn } from './commands/first-sign-in.ts'
import { addHost } from './commands/host.ts'
import { addInstances } from './commands/instances.ts'
import { addHub } from './commands/hub.ts'
import { addList } from './commands/list.ts'
import { addListTasks } from './commands/list-tasks.ts'
import { addOwnerLink } from './commands/owner-link.ts'
import { addPhp } from './commands/php.ts'
import { addRotate } from './commands/rotate.ts'
import { addRestore } from './commands/restore.ts'
import { addSuspend, addUnsuspend } from './commands/suspend.ts'
import { addServers } from './commands/servers.ts'
import { addSignInLink } from './commands/sign-in-link.ts'
import { addShow } from './commands/show.ts'
import { addSync } from './commands/sync.ts'
import { addTasks } from './commands/tasks.ts'
import { addTemplate } from './commands/template.ts'
import { addTemporal } from './commands/temporal.ts'
import { addToken } from './commands/token.ts'
import { addUser } from './commands/user.ts'
import type { Environment } from './setting-flags.ts'

/** All commands; what one of them needs beyond its options is loaded when it runs. */
export function buildProgram(env: Environment, { json = false } = {}): Command {
  const program = new Command('wikistead')
    .description('The control plane of a wiki farm.')
    .exitOverride()
    // An option behind `audit verify` is not one of `audit`.
    .enablePositionalOptions()
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
      addList,
      addShow,
      addOwnerLink,
      addFirstSignIn,
    ],
    ...[
      addListTasks,
      addTasks,
      addSync,
      addAlarms,
      addUser,
      addToken,
      addAudit,
      addSignInLink,
      addTemplate,
      addPhp,
      addTemporal,
      addHub,
      addHost,
      addInstances,
      addRotate,
    ],
  ]
  for (const add of commands) add(program, env)
  return program
}
