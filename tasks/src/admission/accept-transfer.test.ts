import { freshStore, storeEngines } from '@wikistead/test/stores'
import { expect, test } from 'vitest'
import { acceptTransfer } from './accept-transfer.ts'
import { admitCreateMediaWiki } from './admit-mediawiki.ts'
import { newTaskId } from '../temporal/task-id.ts'

test.each(storeEngines)(
  'on %s a MediaWiki wiki changes hands by its own workflow, under the limit of MediaWiki wikis',
  async (engine) => {
    await using fresh = await freshStore(engine)
    const { store } = fresh
    await store.hosts.beat('h1', null)
    const person = async (name: string) => {
      const user = { name, role: 'member', issuer: 'test', subject: name } as const
      return (await store.transaction(({ users }) => users.ensure(user))).user_id
    }
    const [ada, bob] = [await person('ada'), await person('bob')]
    const { wiki, task } = await admitCreateMediaWiki(store, {
      ...{ taskId: newTaskId(), userId: ada, supportUrl: '', slug: 'w', name: 'W', language: 'en' },
      ...{ visibility: 'public', ownerName: 'Ada', ownerId: '', search: 'core', isHub: false, wikiLimit: 1 },
    })
    const wikiId = wiki?.wiki_id ?? 0
    await store.wikis.letGo(wikiId, task.task_id)
    await store.wikis.change(wikiId, { status: 'active' })
    const { transfer } = await store.transaction(({ transfers }) => transfers.offer(wikiId, ada))
    const accept = () =>
      acceptTransfer(store, {
        ...{ taskId: newTaskId(), userId: bob, supportUrl: '', transfer, farmLimit: 1, patienceMs: 1_000 },
        owner: { userId: bob, name: 'Bob on the hub', subject: '' },
      })
    await store.users.change(bob, { wiki_limit: 0 })
    await expect(accept()).rejects.toMatchObject({ code: 'quota_reached' })
    expect(await store.wikis.get(wikiId)).toMatchObject({ status: 'active', task_id: null })
    await store.users.change(bob, { wiki_limit: null })
    const { task: change } = await accept()
    expect(change).toMatchObject({ workflow_type: 'ChangeMediaWikiWorkflow', kind: 'change_wiki' })
    expect(JSON.parse(change.input)).toMatchObject({
      ...{ slug: 'w', host: 'h1', owner: { userId: bob, name: 'Bob on the hub' }, patienceMs: 1_000 },
    })
    expect(await store.transfers.get(transfer.transfer_id)).toMatchObject({
      ...{ status: 'accepted', to_user_id: bob, task_id: change.task_id },
    })
    await expect(accept()).rejects.toMatchObject({ code: 'transfer_ended' })
  },
)
