/** All migrations, in their order. One that was released is never changed again: what comes after it is a new one. */
import { spine } from './0001_spine.ts'
import { mediawiki } from './0002_mediawiki.ts'
import { signIn } from './0003_sign_in.ts'
import { instances } from './0004_instances.ts'
import { large } from './0005_large.ts'
import { lanes } from './0006_lanes.ts'
import { text } from './0007_text.ts'
import { makers } from './0008_makers.ts'
import { auditSeals } from './0009_audit_seals.ts'
import { freshSignIn } from './0010_fresh_sign_in.ts'
import { suspensions } from './0011_suspensions.ts'
import { addresses } from './0012_addresses.ts'
import { accounts } from './0014_accounts.ts'
import { openidProvider } from './0015_openid_provider.ts'
import { hubMembers } from './0016_hub_members.ts'
import { overview } from './0017_overview.ts'
import type { StoreEngine } from '../database/store-engine.ts'
import { Steps, type StoreMigration } from './step.ts'

const all = [
  ...[spine, mediawiki, signIn, instances, large, lanes, text, makers],
  ...[auditSeals, freshSignIn, suspensions, addresses],
  ...[accounts, openidProvider, hubMembers, overview],
]

export function migrations(engine: StoreEngine): readonly StoreMigration[] {
  const steps = new Steps(engine)
  return all.map((migration) => migration(steps))
}
