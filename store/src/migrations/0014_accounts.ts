/** Accounts of our own: how people sign in without a provider, and who was invited to have one. */
import type { StoreMigration, Steps } from './step.ts'

export function accounts(steps: Steps): StoreMigration {
  const { key, name, long, serial, number } = steps.types
  return {
    name: '0014_accounts',
    steps: [
      steps.table('wikifarm_accounts', {
        user_id: `${serial} not null primary key`,
        name: `${name} not null`,
        name_key: `${name} not null`,
        mail: name,
        mail_key: name,
        password_hash: long,
        totp_secret: key,
        totp_since: number,
        totp_step: number,
        created_at: `${number} not null`,
        changed_at: `${number} not null`,
      }),
      steps.index('wikifarm_accounts', 'name', ['name_key'], { unique: true }),
      steps.index('wikifarm_accounts', 'mail', ['mail_key'], { unique: true }),
      steps.table('wikifarm_passkeys', {
        passkey_id: `${key} not null primary key`,
        user_id: `${serial} not null`,
        credential_id: `${long} not null`,
        public_key: `${long} not null`,
        counter: `${number} not null`,
        transports: `${name} not null`,
        label: `${name} not null`,
        created_at: `${number} not null`,
        used_at: number,
      }),
      steps.index('wikifarm_passkeys', 'user', ['user_id']),
      steps.table('wikifarm_recovery_codes', {
        code_hash: `${key} not null primary key`,
        user_id: `${serial} not null`,
        created_at: `${number} not null`,
      }),
      steps.index('wikifarm_recovery_codes', 'user', ['user_id']),
      steps.table('wikifarm_invitations', {
        invitation_id: `${key} not null primary key`,
        secret_hash: `${key} not null`,
        mail: name,
        name,
        role: `${key} not null`,
        user_id: serial,
        invited_by: serial,
        made_by: key,
        made_in: key,
        created_at: `${number} not null`,
        expires_at: `${number} not null`,
        ended_at: number,
        joined_id: serial,
      }),
      steps.index('wikifarm_invitations', 'secret', ['secret_hash'], { unique: true }),
      steps.index('wikifarm_invitations', 'created', ['created_at', 'invitation_id']),
      steps.index('wikifarm_invitations', 'expires', ['expires_at']),
      // By what a person showed who they are; empty where it was no account of ours.
      steps.column('wikifarm_sessions', 'proven_by', key),
    ],
  }
}
