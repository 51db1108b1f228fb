/** Our own OpenID provider: what it keeps of sign-ins under way, the keys that it signs with, and who may use it. */
import type { StoreMigration, Steps } from './step.ts'

export function openidProvider(steps: Steps): StoreMigration {
  const { key, long, name, number, serial } = steps.types
  return {
    name: '0015_openid_provider',
    steps: [
      steps.table('wikifarm_openid_rows', {
        row_key: `${key} primary key not null`,
        payload: `${long} not null`,
        grant_key: key,
        uid_key: key,
        session_hash: key,
        consumed_at: number,
        expires_at: `${number} not null`,
      }),
      steps.index('wikifarm_openid_rows', 'grant', ['grant_key']),
      steps.index('wikifarm_openid_rows', 'uid', ['uid_key']),
      steps.index('wikifarm_openid_rows', 'expires', ['expires_at']),
      steps.table('wikifarm_openid_keys', {
        kid: `${key} primary key not null`,
        public_jwk: `${long} not null`,
        sealed_jwk: `${long} not null`,
        created_at: `${number} not null`,
        signs_from: `${number} not null`,
        expires_at: `${number} not null`,
      }),
      steps.table('wikifarm_openid_clients', {
        client_id: `${key} primary key not null`,
        name: `${name} not null`,
        secret_hash: `${key} not null`,
        redirect_uris: `${long} not null`,
        without_pkce: number,
        made_by: serial,
        created_at: `${number} not null`,
      }),
    ],
  }
}
