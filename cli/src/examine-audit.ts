/** What the doctor learns of the audit log: whether it is being sealed, and whether the newest seals still hold. */
import { AuditSeals } from '@wikistead/contracts'
import { sealKeys } from '@wikistead/contracts/audit-seals'
import type { Config } from '@wikistead/config'
import type { Check } from '@wikistead/server'
import type { ApiClient } from './api-client.ts'
import { checkLog } from './audit/check-log.ts'
import { sealsOfApi } from './audit/seals-of-api.ts'
import { moment } from './moment.ts'

/** Rows are sealed within two minutes; longer than this nobody seals. */
const longestUnsealedMs = 600_000
const newestSeals = 5

export async function examineAudit(config: Config, api: ApiClient): Promise<Check> {
  const check = { check: 'audit log', needed: false }
  const { head, unsealed } = await api.ask({ path: '/v1/audit/seals', answer: AuditSeals })
  if (isStandingStill(unsealed)) {
    return {
      ...{ ...check, ok: false, detail: `not sealed since ${moment(unsealed.since ?? '')}` },
      mend: 'Start a worker: one of them keeps house. `wikistead instances` shows those that run.',
    }
  }
  if (head === null) return { ...check, ok: true, detail: 'nothing to seal yet' }
  const keys = sealKeys(config.auditKey?.reveal() ?? '')
  const sealed = sealsOfApi(api, Math.max(0, head.seal - newestSeals))
  const { findings } = await checkLog(sealed, { keys, anchors: [], isPart: true })
  const [first] = findings
  if (first === undefined) {
    return { ...check, ok: true, detail: `sealed up to ${moment(head.at)}, and the newest seals hold` }
  }
  return {
    ...{ ...check, needed: true, ok: false, detail: first.message },
    mend: 'See everything with `wikistead audit verify`.',
  }
}

export const isStandingStill = ({ since }: AuditSeals['unsealed']): boolean =>
  since !== null && Date.now() - Date.parse(since) > longestUnsealedMs
