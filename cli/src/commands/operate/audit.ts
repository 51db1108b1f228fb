import { AuditList } from '@wikistead/contracts'
import { InvalidArgumentError, type Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { columns } from '../../columns.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'
import { addAuditExport } from './audit-export.ts'
import { addAuditVerify } from './audit-verify.ts'

export function addAudit(program: Command, env: Environment): void {
  const audit = program.command('audit').enablePositionalOptions()
  addAuditVerify(audit, env)
  addAuditExport(audit, env)
  withApi(audit)
    .description('show who changed what, or was refused it, newest first')
    .option('--actor <user>', 'only what this user did, by their id')
    .option('--action <action>', 'only this, e.g. "DELETE /v1/wikis/:id" or sign_in')
    .option('--subject <subject>', 'only what was about this, e.g. wiki/12')
    .option('--limit <number>', 'how many at most', atMost, 50)
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const query = new URLSearchParams({ limit: String(options['limit']) })
      for (const name of ['actor', 'action', 'subject']) {
        const value = options[name]
        if (typeof value === 'string') query.set(name, value)
      }
      const page = await api.ask({ path: `/v1/audit?${String(query)}`, answer: AuditList })
      for (const entry of page.entries) out.event('entry', entry)
      const rows = page.entries.map(({ at, actor, by, address, action, subject, status, code, reason }) => [
        ...[at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'), actor?.name ?? 'nobody known', by],
        ...[address ?? '', action, subject],
        `${String(status)}${code === null ? '' : ` ${code}`}${reason === null ? '' : ` (${reason})`}`,
      ])
      const more = page.next_cursor !== null
      out.done(
        { count: rows.length, more },
        ...(rows.length === 0
          ? ['Nothing of that kind.']
          : columns([['AT', 'WHO', 'BY', 'FROM', 'ACTION', 'SUBJECT', 'OUTCOME'], ...rows])),
        ...(more ? ['There are more; see them with a higher --limit.'] : []),
      )
    })
}

function atMost(value: string): number {
  if (/^[1-9]\d{0,2}$/.test(value) && Number(value) <= 200) return Number(value)
  throw new InvalidArgumentError('It is a whole number from 1 to 200.')
}
