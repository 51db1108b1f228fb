import { openTaskStatuses, type Engine } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'

export interface Creation {
  readonly engine: Engine
  readonly createdAt: number
  readonly endedAt: number
}

/** What an operator wants to know of the whole farm in numbers. */
export class Figures extends Repository {
  /** What there is now: wikis of each engine (their names are theirs), users, tasks that have not ended, standing alarms. */
  async counted(): Promise<Map<string, number>> {
    const counts = new Map<string, number>()
    const wikis = await this.db
      .selectFrom('wikifarm_wikis')
      .select(({ fn }) => ['engine', fn.countAll<number>().as('count')])
      .where('claim', 'is not', null)
      .groupBy('engine')
      .execute()
    for (const { engine, count } of wikis) counts.set(`wikis/${engine}`, Number(count))
    const one = ({ count }: { readonly count: number | string | bigint }): number => Number(count)
    counts.set(
      'users',
      one(
        await this.db
          .selectFrom('wikifarm_users')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow(),
      ),
    )
    counts.set(
      'tasks',
      one(
        await this.db
          .selectFrom('wikifarm_tasks')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('status', 'in', [...openTaskStatuses])
          .executeTakeFirstOrThrow(),
      ),
    )
    counts.set(
      'alarms',
      one(
        await this.db
          .selectFrom('wikifarm_alarms')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .where('open_key', '>', '')
          .executeTakeFirstOrThrow(),
      ),
    )
    return counts
  }

  /** Of wikis that were made since then; the newest, newest first. */
  async creations(since: number, limit: number): Promise<Creation[]> {
    const rows = await this.db
      .selectFrom('wikifarm_tasks')
      .select(['engine', 'created_at', 'ended_at'])
      .where('ended_at', '>=', since)
      .where('kind', '=', 'create_wiki')
      .where('status', '=', 'succeeded')
      .orderBy('ended_at', 'desc')
      .limit(limit)
      .execute()
    return rows.flatMap(({ engine, created_at: createdAt, ended_at: endedAt }) =>
      endedAt === null ? [] : [{ engine, createdAt, endedAt }],
    )
  }
}
