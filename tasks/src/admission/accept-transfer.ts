/**
 * The other side's consent: the end of the offer, the place in their quota and the change of owner are let in together,
 * or none of them is.
 */
import { Refusal } from '@wikistead/contracts'
import type { Scope, Store, TransferRow, WikiRow } from '@wikistead/store'
import {
  admitChange,
  admitChangeMediaWiki,
  requirePlace,
  type Admission,
  type Admitted,
} from './admission.ts'

export interface AcceptTransfer extends Admission {
  readonly transfer: TransferRow
  /** The new owner, who is the one that asks. */
  readonly owner: {
    readonly userId: number
    readonly name: string
    readonly subject: string
    /** On the hub, by its number. */
    readonly account?: number | undefined
  }
  /** Wikis of the engine that a user may have, unless their own limit says otherwise. */
  readonly farmLimit: number
  readonly patienceMs?: number | undefined
}

/** @throws Refusal `transfer_ended`, `quota_reached`, `busy`, `wiki_not_found` */
export async function acceptTransfer(
  store: Store,
  { transfer, owner, farmLimit, patienceMs, ...admission }: AcceptTransfer,
): Promise<Admitted> {
  const { wiki_id: wikiId, transfer_id: transferId, from_user_id: from } = transfer
  const within = async (scope: Scope, wiki: WikiRow): Promise<void> => {
    const end = { status: 'accepted', toUserId: owner.userId, taskId: admission.taskId } as const
    if (wiki.owner_id !== from || !(await scope.transfers.close(transferId, end))) throw transferEnded()
    const acceptor = await scope.users.get(owner.userId)
    await requirePlace(scope, acceptor, wiki.engine, farmLimit, admission.taskId)
  }
  const asked = { ...admission, wikiId, within }
  try {
    return (await store.wikis.get(wikiId)).engine === 'fedwiki'
      ? await admitChange(store, { ...asked, change: { owner } })
      : await admitChangeMediaWiki(store, {
          ...{ ...asked, patienceMs },
          change: { owner: { userId: owner.userId, name: owner.name, account: owner.account } },
        })
  } catch (error) {
    // What keeps the wiki busy may be another acceptance of the same offer.
    const isOver = (await store.transfers.get(transferId)).status !== 'offered'
    throw error instanceof Refusal && error.code === 'busy' && isOver ? transferEnded() : error
  }
}

export const transferEnded = (): Refusal =>
  new Refusal(
    'transfer_ended',
    'This offer is over: it was taken, declined or withdrawn, or its time ran out.',
  )
