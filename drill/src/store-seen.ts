/** Wikistead's own database, as somebody sees it who has nothing but SQL: none of our code stands between. */
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise'
import type { FoundAlarm, FoundTask, FoundWiki } from './compare.ts'

export interface EndedTask {
  readonly taskId: string
  readonly status: string
  readonly code: string | null
}

export class StoreSeen implements AsyncDisposable {
  readonly #pool: Pool
  readonly #parentDomain: string

  /** `parentDomain`: what FedWiki sites stand below; names are told without it. */
  constructor(socketPath: string, database: string, parentDomain: string) {
    this.#pool = createPool({ socketPath, user: 'root', database, connectionLimit: 2 })
    this.#parentDomain = parentDomain
  }

  async ended(taskIds: readonly string[]): Promise<readonly EndedTask[]> {
    if (taskIds.length === 0) return []
    const rows = await this.#rows(
      'SELECT task_id, status, code FROM wikifarm_tasks WHERE ended_at IS NOT NULL AND task_id IN (?)',
      [[...taskIds]],
    )
    return rows.map((row) => ({
      ...{ taskId: String(row['task_id']), status: String(row['status']) },
      code: row['code'] as string | null,
    }))
  }

  /** How many connections the server had at once since it started, and how many it would have. */
  async connections(): Promise<{ readonly peak: number; readonly most: number }> {
    const [used] = await this.#rows("SHOW GLOBAL STATUS LIKE 'Max_used_connections'")
    const [most] = await this.#rows('SELECT @@max_connections AS n')
    return { peak: Number(used?.['Value']), most: Number(most?.['n']) }
  }

  /** How many tasks are neither done nor undone. */
  async open(): Promise<number> {
    const [row] = await this.#rows('SELECT COUNT(*) AS n FROM wikifarm_tasks WHERE ended_at IS NULL')
    return Number(row?.['n'])
  }

  async tasks(): Promise<readonly Omit<FoundTask, 'workflow'>[]> {
    const events = new Map<string, { seq: number; type: string }[]>()
    for (const { task_id: id, seq, type } of await this.#rows(
      'SELECT task_id, seq, type FROM wikifarm_task_events ORDER BY task_id, seq',
    )) {
      const before = events.get(String(id)) ?? []
      events.set(String(id), [...before, { seq: Number(seq), type: String(type) }])
    }
    const open = new Map<string, number>()
    for (const { task_id: id, n } of await this.#rows(
      "SELECT task_id, COUNT(*) AS n FROM wikifarm_ledger WHERE state IN ('reached', 'made') GROUP BY task_id",
    )) {
      open.set(String(id), Number(n))
    }
    const tasks = await this.#rows(
      "SELECT task_id, status, ended_at, run, last_seq FROM wikifarm_tasks WHERE kind = 'create_wiki'",
    )
    return tasks.map((row) => {
      const taskId = String(row['task_id'])
      return {
        ...{ taskId, status: String(row['status']), ended: row['ended_at'] !== null },
        ...{ run: Number(row['run']), lastSeq: Number(row['last_seq']) },
        ...{ events: events.get(taskId) ?? [], openLedger: open.get(taskId) ?? 0 },
      }
    })
  }

  async wikis(): Promise<readonly FoundWiki[]> {
    const rows = await this.#rows('SELECT engine, address, status, claim, task_id FROM wikifarm_wikis')
    return rows.map((row) => ({
      ...{ engine: String(row['engine']), name: this.withoutParent(String(row['address'])) },
      ...{ status: String(row['status']), claimed: row['claim'] !== null, busy: row['task_id'] !== null },
    }))
  }

  async alarms(): Promise<readonly FoundAlarm[]> {
    const rows = await this.#rows('SELECT code, subject FROM wikifarm_alarms WHERE cleared_at IS NULL')
    return rows.map((row) => ({
      code: String(row['code']),
      names: this.withoutParent(String(row['subject'])),
    }))
  }

  /** Databases on the same server that are some wiki's. */
  async databases(own: string): Promise<readonly string[]> {
    const rows = await this.#rows(
      `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN
        ('mysql', 'sys', 'information_schema', 'performance_schema', ?)`,
      [own],
    )
    return rows.map((row) => String(row['name']))
  }

  withoutParent(domain: string): string {
    const parent = `.${this.#parentDomain}`
    return domain.endsWith(parent) ? domain.slice(0, -parent.length) : domain
  }

  async #rows(sql: string, values: (string | string[])[] = []): Promise<RowDataPacket[]> {
    const [rows] = await this.#pool.query<RowDataPacket[]>(sql, values)
    return rows
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end().catch(() => undefined)
  }
}
