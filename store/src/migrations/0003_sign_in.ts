import type { Step, StoreMigration, Steps } from './step.ts'

export function signIn(steps: Steps): StoreMigration {
  const { key, name, long, serial, number, ownSerial } = steps.types
  return {
    name: '0003_sign_in',
    steps: [
      steps.column('wikifarm_users', 'wiki_limit', number),
      steps.column('wikifarm_users', 'blocked_at', number),
      steps.column('wikifarm_identities', 'name', name),
      steps.column('wikifarm_tokens', 'scopes', name),
      steps.column('wikifarm_tokens', 'used_at', number),
      steps.index('wikifarm_tokens', 'user', ['user_id']),
      steps.table('wikifarm_sessions', {
        session_hash: `${key} not null primary key`,
        user_id: `${serial} not null`,
        csrf_token: `${key} not null`,
        user_agent: `${name} not null`,
        id_token: long,
        created_at: `${number} not null`,
        seen_at: `${number} not null`,
        expires_at: `${number} not null`,
      }),
      steps.table('wikifarm_once', {
        once_key: `${key} not null primary key`,
        detail: `${long} not null`,
        user_id: serial,
        created_at: `${number} not null`,
        expires_at: `${number} not null`,
      }),
      steps.table('wikifarm_transfers', {
        transfer_id: `${key} not null primary key`,
        wiki_id: `${serial} not null`,
        from_user_id: `${serial} not null`,
        to_user_id: serial,
        secret_hash: `${key} not null`,
        status: `${key} not null`,
        task_id: key,
        created_at: `${number} not null`,
        expires_at: `${number} not null`,
      }),
      steps.table('wikifarm_audit', {
        audit_id: ownSerial,
        at: `${number} not null`,
        user_id: serial,
        acting_by: `${key} not null`,
        action: `${key} not null`,
        subject: `${name} not null`,
        status: `${number} not null`,
        code: key,
        request_id: `${key} not null`,
      }),
      steps.index('wikifarm_sessions', 'user', ['user_id']),
      steps.index('wikifarm_sessions', 'expires', ['expires_at']),
      steps.index('wikifarm_once', 'expires', ['expires_at']),
      steps.index('wikifarm_transfers', 'wiki', ['wiki_id', 'status']),
      steps.index('wikifarm_transfers', 'from', ['from_user_id', 'created_at']),
      steps.index('wikifarm_transfers', 'to', ['to_user_id', 'created_at']),
      steps.index('wikifarm_transfers', 'task', ['task_id']),
      steps.index('wikifarm_transfers', 'secret', ['secret_hash']),
      steps.index('wikifarm_audit', 'user', ['user_id', 'audit_id']),
      steps.index('wikifarm_audit', 'subject', ['subject', 'audit_id']),
      steps.index('wikifarm_audit', 'action', ['action', 'audit_id']),
      // What is only added to by our code is so for others, too. On MariaDB a trigger takes a right of its own, which
      // a store's user need not have: see docs/operations.md.
      ...(steps.engine === 'sqlite' ? [auditKeeps('update'), auditKeeps('delete')] : []),
    ],
  }
}

const auditKeeps = (verb: 'update' | 'delete'): Step => ({
  sql: `create trigger if not exists "wikifarm_audit_no_${verb}" before ${verb} on wikifarm_audit begin select raise(abort, 'the audit log is only added to'); end`,
})
