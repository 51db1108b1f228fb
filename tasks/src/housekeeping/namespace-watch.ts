import type { Client } from '@temporalio/client'
import type { Store } from '@wikistead/store'

/**
 * Remembers which Temporal this farm's tasks run on. Another namespace under the same name means that Temporal was
 * lost or misaddressed: an alarm says so, and the reconciler goes on from the rows. Returns true when it changed.
 */
export async function watchNamespace(store: Store, client: Client): Promise<boolean> {
  const { namespace } = client.options
  const { namespaceInfo } = await client.withDeadline(Date.now() + 5_000, () =>
    client.workflowService.describeNamespace({ namespace }),
  )
  const id = namespaceInfo?.id ?? ''
  const known = await store.settings.get(settingName)
  if (known === id) return false
  if (known !== undefined) await tell(store, namespace)
  // Last of all: what was not told yet is told by the next look.
  await store.settings.set(settingName, id)
  return known !== undefined
}

async function tell(store: Store, namespace: string): Promise<void> {
  await store.alarms.raise({
    ...{ code: 'temporal_replaced', subject: namespace },
    message: `Temporal's namespace "${namespace}" is not the one our tasks ran on: it was lost, or the address is another's.`,
    mend: 'Check temporal-address. Open tasks were started anew from the store; clear this with `wikistead alarms --clear ID`.',
  })
}

const settingName = 'temporal_namespace_id'
