/** The sealed part of the audit log, as the API has it. */
import { setTimeout as sleep } from 'node:timers/promises'
import { AuditExport } from '@wikistead/contracts'
import type { Line, Seal } from '@wikistead/contracts/audit-seals'
import type { ApiClient } from '../api-client.ts'
import { CommandFailure } from '../errors.ts'

export interface Sealed {
  readonly seal: Seal
  readonly rows: readonly Line[]
}

/** All after that seal, oldest first. A log that is long is asked for as fast as the API lets one. */
export async function* sealsOfApi(api: ApiClient, after: number): AsyncGenerator<Sealed> {
  for (let place: number | null = after; place !== null;) {
    const page: AuditExport = await patiently(api, place)
    yield* page.sealed
    place = page.next_after
  }
}

const pauseMs = 5_000

async function patiently(api: ApiClient, after: number): Promise<AuditExport> {
  for (;;) {
    try {
      return await api.ask({ path: `/v1/audit/export?after=${String(after)}`, answer: AuditExport })
    } catch (error) {
      if (!(error instanceof CommandFailure) || error.details.code !== 'rate_limited') throw error
      await sleep(pauseMs)
    }
  }
}
