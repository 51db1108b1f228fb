import type { StoreMigration, Steps } from './step.ts'

export function instances(steps: Steps): StoreMigration {
  const { key, name, number } = steps.types
  const now =
    steps.engine === 'mariadb'
      ? "timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000"
      : "cast(unixepoch('subsec') * 1000 as integer)"
  return {
    name: '0004_instances',
    steps: [
      steps.table('wikifarm_instances', {
        instance_id: `${key} not null primary key`,
        role: `${key} not null`,
        machine: `${name} not null`,
        host: key,
        version: `${key} not null`,
        build: `${key} not null`,
        address: name,
        worker_identity: name,
        lineage: `${key} not null`,
        boot: `${key} not null`,
        reaches_temporal: number,
        began_at: `${number} not null`,
        seen_at: `${number} not null`,
        ended_at: number,
      }),
      steps.table('wikifarm_leases', {
        name: `${key} not null primary key`,
        holder: `${key} not null`,
        term: `${number} not null`,
        until_at: `${number} not null`,
      }),
      // Those of data folders that are gone acted for ever; one that is in use renews its own.
      {
        sql: `update wikifarm_tokens set expires_at = ${now} + 86400000 where label = 'bootstrap' and expires_at is null and user_id in (select user_id from wikifarm_identities where issuer = 'bootstrap')`,
      },
    ],
  }
}
