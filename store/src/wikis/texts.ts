/**
 * Where a part of a wiki's name or address is found at once, however many wikis there are. A database's index begins at
 * the beginning of what it holds; so `wikifarm_texts` has each name and address from every one of its letters on, a few
 * letters long. What is found there is looked at once more in the wikis themselves. Those after `upTo` have not been taken
 * up yet, and are looked through.
 */
import type { WikiRow } from '../database/tables.ts'
import { Repository } from '../database/repository.ts'

/** Of one fragment: what is longer shares its beginning with few others. */
const letters = 8
/** What so many have is found sooner among the newest wikis. */
const most = 500
/** A transaction with an earlier number may end later. */
const settledMs = 300_000
/** A few milliseconds of the database's time. */
const rowsAtOnce = 1_000

type Named = Pick<WikiRow, 'wiki_id' | 'name' | 'address'>

export class Texts extends Repository {
  /** Of the wikis up to `upTo` those that may have the text in them; no `wikiIds` when there are too many. */
  async candidates(text: string): Promise<{ readonly wikiIds?: readonly number[]; readonly upTo: number }> {
    const upTo = await this.#upTo()
    const from = folded(text).slice(0, letters).join('')
    if (upTo === 0) return { wikiIds: [], upTo }
    const rows = await this.db
      .selectFrom('wikifarm_texts')
      .select('wiki_id')
      .where('fragment', '>=', from)
      .where('fragment', '<', `${from}\u{10ffff}`)
      .limit(most)
      .execute()
    if (rows.length === most) return { upTo }
    const wikiIds = new Set(rows.map(({ wiki_id: id }) => id).filter((id) => id <= upTo))
    return { wikiIds: [...wikiIds], upTo }
  }

  /**
   * Takes up the next wikis after this one. What was taken up before stays as it is. Returns the last of them; undefined
   * when all were, save for the newest.
   */
  async takeUp(after: number, now = this.now(), limit = 50): Promise<number | undefined> {
    const wikis = await this.db
      .selectFrom('wikifarm_wikis')
      .select(['wiki_id', 'name', 'address'])
      .where('wiki_id', '>', after)
      .where('created_at', '<', now - settledMs)
      .orderBy('wiki_id')
      .limit(limit)
      .execute()
    const last = wikis.at(-1)
    if (last === undefined) return undefined
    await this.add(wikis)
    if (last.wiki_id > (await this.#upTo())) await this.#setUpTo(last.wiki_id)
    return last.wiki_id
  }

  async add(wikis: readonly Named[]): Promise<void> {
    const rows = wikis.flatMap((wiki) =>
      fragmentsOf(wiki).map((fragment) => ({ fragment, wiki_id: wiki.wiki_id })),
    )
    for (let from = 0; from < rows.length; from += rowsAtOnce) {
      const insert = this.db.insertInto('wikifarm_texts').values(rows.slice(from, from + rowsAtOnce))
      await (
        this.engine === 'mariadb' ? insert.ignore() : insert.onConflict((on) => on.doNothing())
      ).execute()
    }
  }

  /** Of wikis as they were: what of theirs `now` has as well stays. */
  async remove(wikis: readonly Named[], now: readonly Named[] = []): Promise<void> {
    const stays = new Map(now.map((wiki) => [wiki.wiki_id, new Set(fragmentsOf(wiki))]))
    for (const wiki of wikis) {
      const gone = fragmentsOf(wiki).filter((fragment) => stays.get(wiki.wiki_id)?.has(fragment) !== true)
      if (gone.length === 0) continue
      await this.db
        .deleteFrom('wikifarm_texts')
        .where('wiki_id', '=', wiki.wiki_id)
        .where('fragment', 'in', gone)
        .execute()
    }
  }

  async #upTo(): Promise<number> {
    const row = await this.db
      .selectFrom('wikifarm_settings')
      .select('value')
      .where('name', '=', upToName)
      .executeTakeFirst()
    return Number(row?.value ?? 0)
  }

  async #setUpTo(wikiId: number): Promise<void> {
    const value = String(wikiId)
    const insert = this.db.insertInto('wikifarm_settings').values({ name: upToName, value })
    await (
      this.engine === 'mariadb'
        ? insert.onDuplicateKeyUpdate({ value })
        : insert.onConflict((on) => on.column('name').doUpdateSet({ value }))
    ).execute()
  }
}

const upToName = 'texts/up_to'

function fragmentsOf({ name, address }: Named): string[] {
  return [...new Set([name, address].flatMap(fromEveryLetter))]
}

function fromEveryLetter(text: string): string[] {
  const all = folded(text)
  return all.map((_, from) => all.slice(from, from + letters).join(''))
}

/** Each letter by itself, so that a part of a text becomes the same part of what the text becomes. */
const folded = (text: string): string[] => [...text].map((letter) => letter.toLowerCase())
