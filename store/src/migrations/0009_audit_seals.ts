/** The audit log's seals; and on SQLite triggers that also hold where a row is put in the place of another. */
import type { Step, StoreMigration, Steps } from './step.ts'

export function auditSeals(steps: Steps): StoreMigration {
  const { key, long, number, serial } = steps.types
  return {
    name: '0009_audit_seals',
    steps: [
      steps.table('wikifarm_audit_seals', {
        seal: `${serial} not null primary key`,
        previous: `${key} not null`,
        up_to: `${serial} not null`,
        at: `${number} not null`,
        key_id: key,
        row_count: `${number} not null`,
        late: `${number} not null`,
        entries: `${long} not null`,
        hash: `${key} not null`,
      }),
      steps.index('wikifarm_audit_seals', 'late', ['late', 'seal']),
      ...(steps.engine === 'sqlite'
        ? [
            refuses('wikifarm_audit_seals', 'update', 'the seals are only added to'),
            refuses('wikifarm_audit_seals', 'delete', 'the seals are only added to'),
            onlyAtTheEnd('wikifarm_audit_seals', 'seal', 'the seals are only added to'),
            onlyAtTheEnd('wikifarm_audit', 'audit_id', 'the audit log is only added to'),
          ]
        : []),
    ],
  }
}

const refuses = (table: string, verb: 'update' | 'delete', why: string): Step => ({
  sql: `create trigger if not exists "${table}_no_${verb}" before ${verb} on "${table}" begin select raise(abort, '${why}'); end`,
})

/** `insert or replace` runs no trigger of the row that it removes. An id that SQLite is still to give is -1 here. */
const onlyAtTheEnd = (table: string, id: string, why: string): Step => ({
  sql: `create trigger if not exists "${table}_at_the_end" before insert on "${table}" when new."${id}" <> -1 and new."${id}" <= (select max("${id}") from "${table}") begin select raise(abort, '${why}'); end`,
})
