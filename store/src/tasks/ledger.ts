import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'
import type { LedgerRow, LedgerState } from '../database/tables.ts'

/** What a task may have made and must undo: written before the act, closed after it. */
export class Ledger extends Repository {
  /** Notes that the act may happen from now on; what an earlier attempt wrote of it is kept. */
  async reach(
    taskId: string,
    step: string,
    wikiId: number | null,
    detail: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const now = this.now()
    try {
      await this.db
        .insertInto('wikifarm_ledger')
        .values({
          task_id: taskId,
          step,
          wiki_id: wikiId,
          state: 'reached',
          detail: JSON.stringify(detail),
          created_at: now,
          updated_at: now,
        })
        .execute()
    } catch (error) {
      if (!isDuplicate(error)) throw error
      await this.settle(taskId, step, 'reached')
    }
  }

  /** Keeps what an attempt wants its successor to know: a line with nothing to undo, written over each time. */
  async note(taskId: string, step: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
    const now = this.now()
    const text = JSON.stringify(detail)
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_ledger')
      .set({ detail: text, updated_at: now })
      .where('task_id', '=', taskId)
      .where('step', '=', step)
      .executeTakeFirst()
    if (numUpdatedRows > 0n) return
    await this.db
      .insertInto('wikifarm_ledger')
      .values({
        ...{ task_id: taskId, step, wiki_id: null, state: 'void', detail: text },
        ...{ created_at: now, updated_at: now },
      })
      .execute()
  }

  async get(taskId: string, step: string): Promise<LedgerRow | undefined> {
    return this.db
      .selectFrom('wikifarm_ledger')
      .selectAll()
      .where('task_id', '=', taskId)
      .where('step', '=', step)
      .executeTakeFirst()
  }

  async settle(taskId: string, step: string, state: LedgerState): Promise<void> {
    await this.db
      .updateTable('wikifarm_ledger')
      .set({ state, updated_at: this.now() })
      .where('task_id', '=', taskId)
      .where('step', '=', step)
      .where('state', '!=', 'sealed')
      .execute()
  }

  /**
   * What the task made stays, whatever becomes of the task: in the transaction after which people use it. Undo, sweep,
   * retry and cancel see nothing of it any more.
   */
  async seal(taskId: string): Promise<void> {
    await this.db
      .updateTable('wikifarm_ledger')
      .set({ state: 'sealed', updated_at: this.now() })
      .where('task_id', '=', taskId)
      .where('state', 'in', ['reached', 'made'])
      .execute()
  }

  /** Whether the task is past its point of no return. */
  async isSealed(taskId: string): Promise<boolean> {
    const line = await this.db
      .selectFrom('wikifarm_ledger')
      .select('step')
      .where('task_id', '=', taskId)
      .where('state', '=', 'sealed')
      .executeTakeFirst()
    return line !== undefined
  }

  /** A new life of the task starts with nothing but what is sealed; called only when nothing is left to undo. */
  async clear(taskId: string): Promise<void> {
    await this.db
      .deleteFrom('wikifarm_ledger')
      .where('task_id', '=', taskId)
      .where('state', '!=', 'sealed')
      .execute()
  }

  /** What is still to be undone, latest first. */
  async open(taskId: string): Promise<LedgerRow[]> {
    return this.db
      .selectFrom('wikifarm_ledger')
      .selectAll()
      .where('task_id', '=', taskId)
      .where('state', 'in', ['reached', 'made'])
      .orderBy('created_at', 'desc')
      .execute()
  }
}
