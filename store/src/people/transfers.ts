import { createHash, randomBytes } from 'node:crypto'
import { meetSecret } from '@wikistead/contracts/hide-secrets'
import { Refusal, type Engine, type TransferStatus } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import type { TransferRow } from '../database/tables.ts'
import { madeByNobody, type Maker } from './makers.ts'

/** How long an offer stands, in milliseconds. */
const offerMs = 7 * 86_400_000

/**
 * Offers of wikis to others. An offer ends once: `accepted`, `declined` or `withdrawn`, whoever comes first. The link's
 * secret is 256 random bits, of which only the hash is kept.
 */
export class Transfers extends Repository {
  /** A new offer, which stands no longer than what makes it; earlier ones of the wiki are over. The wiki's row must be held. */
  async offer(
    wikiId: number,
    fromUserId: number,
    now = this.now(),
    { madeBy, madeIn, endsAt = null }: Maker & { readonly endsAt?: number | null } = madeByNobody,
  ): Promise<{ readonly transfer: TransferRow; readonly secret: string }> {
    await this.withdraw(wikiId)
    const secret = randomBytes(32).toString('base64url')
    meetSecret(secret)
    const transferId = randomBytes(12).toString('hex')
    await this.db
      .insertInto('wikifarm_transfers')
      .values({
        ...{ transfer_id: transferId, wiki_id: wikiId, from_user_id: fromUserId, to_user_id: null },
        ...{ secret_hash: hashOf(secret), status: 'offered', task_id: null },
        ...{ created_at: now, expires_at: Math.min(now + offerMs, endsAt ?? Infinity) },
        ...{ made_by: madeBy, made_in: madeIn },
      })
      .execute()
    return { transfer: await this.get(transferId), secret }
  }

  /** Ends what is offered of the wiki, or was accepted and came to nothing. False when there was no such offer. */
  async withdraw(wikiId: number): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_transfers')
      .set({ status: 'withdrawn' })
      .where('wiki_id', '=', wikiId)
      .where((where) =>
        where.or([
          where('status', '=', 'offered'),
          where.and([
            where('status', '=', 'accepted'),
            where('task_id', 'in', (select) =>
              select
                .selectFrom('wikifarm_tasks')
                .select('task_id')
                .where('wiki_id', '=', wikiId)
                .where('status', '=', 'failed'),
            ),
          ]),
        ]),
      )
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Ends the offer if it stands. False when somebody was quicker, or its time is over. */
  async close(
    transferId: string,
    end: {
      readonly status: Extract<TransferStatus, 'accepted' | 'declined'>
      readonly toUserId: number
      readonly taskId?: string
    },
    now = this.now(),
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.db
      .updateTable('wikifarm_transfers')
      .set({ status: end.status, to_user_id: end.toUserId, task_id: end.taskId ?? null })
      .where('transfer_id', '=', transferId)
      .where('status', '=', 'offered')
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  async get(transferId: string): Promise<TransferRow> {
    return this.db
      .selectFrom('wikifarm_transfers')
      .selectAll()
      .where('transfer_id', '=', transferId)
      .executeTakeFirstOrThrow()
  }

  /** @throws Refusal `transfer_not_found` */
  async bySecret(secret: string): Promise<TransferRow> {
    const row = await this.db
      .selectFrom('wikifarm_transfers')
      .selectAll()
      .where('secret_hash', '=', hashOf(secret))
      .executeTakeFirst()
    if (row !== undefined) return row
    throw new Refusal('transfer_not_found', 'This link leads to no offer. Ask for it again, whole.')
  }

  /** The latest of a wiki. */
  async latest(wikiId: number): Promise<TransferRow | undefined> {
    return this.db
      .selectFrom('wikifarm_transfers')
      .selectAll()
      .where('wiki_id', '=', wikiId)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst()
  }

  /** Whose acceptance made the task. */
  async byTask(taskId: string): Promise<TransferRow | undefined> {
    return this.db
      .selectFrom('wikifarm_transfers')
      .selectAll()
      .where('task_id', '=', taskId)
      .executeTakeFirst()
  }

  /** Those that the user offered, accepted or declined, the latest first. */
  async of(userId: number): Promise<TransferRow[]> {
    return this.db
      .selectFrom('wikifarm_transfers')
      .selectAll()
      .where((where) => where.or([where('from_user_id', '=', userId), where('to_user_id', '=', userId)]))
      .orderBy('created_at', 'desc')
      .limit(200)
      .execute()
  }

  /** Wikis on their way to the user: they take a place already. */
  async countComing(userId: number, engine: Engine, exceptTaskId = ''): Promise<number> {
    const { count } = await this.db
      .selectFrom('wikifarm_transfers as t')
      .innerJoin('wikifarm_wikis as w', (join) =>
        join.onRef('w.wiki_id', '=', 't.wiki_id').onRef('w.task_id', '=', 't.task_id'),
      )
      .select((select) => select.fn.countAll<number>().as('count'))
      .where('t.to_user_id', '=', userId)
      .where('t.status', '=', 'accepted')
      .where('t.task_id', '!=', exceptTaskId)
      .where('w.engine', '=', engine)
      .where('w.owner_id', '!=', userId)
      .executeTakeFirstOrThrow()
    return Number(count)
  }
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
