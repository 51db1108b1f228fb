import type { Transfer, TransferStatus } from '@wikistead/contracts'
import type { Store, TransferRow, WikiRow } from '@wikistead/store'

export async function presentTransfers(store: Store, rows: readonly TransferRow[]): Promise<Transfer[]> {
  const people = rows.flatMap(({ from_user_id: from, to_user_id: to }) => (to === null ? [from] : [from, to]))
  const names = await store.users.namesOf([...new Set(people)])
  const wikis = await store.wikis.byIds([...new Set(rows.map(({ wiki_id: id }) => id))])
  const person = (id: number) => ({ id, name: names.get(id) ?? '' })
  return rows.flatMap((row) => {
    const wiki = wikis.get(row.wiki_id)
    if (wiki === undefined) return []
    return {
      id: row.transfer_id,
      wiki: { id: wiki.wiki_id, name: wiki.name, address: wiki.address, engine: wiki.engine },
      from: person(row.from_user_id),
      to: row.to_user_id === null ? null : person(row.to_user_id),
      status: statusNow(row, wiki, store.now()),
      created_at: new Date(row.created_at).toISOString(),
      expires_at: new Date(row.expires_at).toISOString(),
      task_id: row.task_id,
    }
  })
}

/** What is offered still may be over: by time, or because the wiki is gone or another's by now. */
function statusNow(
  { status, expires_at: expiresAt, from_user_id: from }: TransferRow,
  { claim, owner_id: ownerId }: WikiRow,
  now: number,
): TransferStatus {
  if (status !== 'offered') return status
  if (claim === null || ownerId !== from) return 'withdrawn'
  return expiresAt <= now ? 'expired' : 'offered'
}
