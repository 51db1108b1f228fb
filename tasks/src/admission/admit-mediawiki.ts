/** Row first for MediaWiki wikis: the claim on the slug, the place in the quota and the host, in one transaction. */
import { Refusal, type CreateMediaWikiWorkflowInput, type Visibility } from '@wikistead/contracts'
import type { Scope, Store, UserRow } from '@wikistead/store'
import { admit, nameTaken, requirePlace, taskOf, type Admission, type Admitted } from './admission.ts'

export interface CreateMediaWikiRequest extends Admission {
  /** Legal, and not one that the farm needs. */
  readonly slug: string
  /** Legal in its language. */
  readonly name: string
  readonly language: string
  readonly visibility: Visibility
  readonly ownerName: string
  /** The founder's account on the hub, by its number; left out, the one that has the name. */
  readonly ownerAccount?: number | undefined
  readonly ownerId: string
  readonly isHub: boolean
  readonly search: CreateMediaWikiWorkflowInput['search']
  /** MediaWiki wikis a user may have, unless their own limit says otherwise. */
  readonly wikiLimit: number
  readonly patienceMs?: number | undefined
}

/** @throws Refusal `quota_reached`, `name_taken`, `no_host`, `idempotency_mismatch`, `user_not_found` */
export async function admitCreateMediaWiki(store: Store, request: CreateMediaWikiRequest): Promise<Admitted> {
  return admit(store, request, async (scope, user) => {
    const { slug, name, language, visibility, ownerName, isHub, search, supportUrl, patienceMs } = request
    await requireFree(scope, slug, user)
    // The hub is the farm's, whoever makes it.
    if (!isHub) await requirePlace(scope, user, 'mediawiki', request.wikiLimit)
    const host = await placeOnHost(scope)
    const wiki = await scope.wikis.insert({
      ...{ engine: 'mediawiki', address: slug, name, status: 'creating', visibility, customDomain: false },
      ...{ ownerId: user.user_id, ownerSubject: request.ownerId, ownerName, taskId: request.taskId },
      ...{ language, host },
    })
    const input: CreateMediaWikiWorkflowInput = {
      ...{ userId: user.user_id, slug, name, language, visibility, ownerName, isHub, search, host },
      ...(request.ownerAccount !== undefined && { ownerAccount: request.ownerAccount }),
      ...{ supportUrl, ...(patienceMs !== undefined && { patienceMs }) },
    }
    return { wiki, task: taskOf('create_wiki', wiki, input) }
  })
}

async function requireFree(scope: Scope, slug: string, user: UserRow): Promise<void> {
  const holder = await scope.wikis.byClaim('mediawiki', slug)
  if (holder !== undefined) throw nameTaken(slug, holder, user)
}

/** A host that has not been heard of for so long gets no wiki while another is alive. */
const aliveWithinMs = 30_000

async function placeOnHost(scope: Scope): Promise<string> {
  const host = await scope.hosts.place(aliveWithinMs)
  if (host !== undefined) return host.host
  throw new Refusal(
    'no_host',
    'No host of this farm has room for another wiki. An operator adds one with `wikistead worker --host NAME`.',
  )
}
