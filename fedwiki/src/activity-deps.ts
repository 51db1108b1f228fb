import type { DomainRules } from '@wikistead/contracts'
import type { StepDeps } from '@wikistead/tasks/step'
import type { FarmManagerClient } from './farm/farm-manager-client.ts'

export interface FedWikiDeps extends StepDeps {
  readonly farm: FarmManagerClient
  readonly rules: DomainRules
  /** FedWiki sites a user may have, unless their own limit says otherwise. */
  readonly siteLimit: number
  /** Milliseconds during which a deleted site can be restored; 0 removes it at once. */
  readonly undoWindowMs: number
  /** That a user controls a custom domain; left out: nobody does. @throws Refusal `domain_unproven` */
  readonly proveControl?: ((domain: string, userId: number) => Promise<void>) | undefined
  /** Who issues the subjects by which the farm knows owners; left out: anybody may have. */
  readonly ownerIssuers?: readonly string[] | undefined
}
