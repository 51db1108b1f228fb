import { Refusal, fedWikiSentences } from '@wikistead/contracts'
import type { Store } from '@wikistead/store'

/** A folder stands on the farm of which nobody can say whose it is: an incident for an operator, never deleted by us. */
export async function siteUnknown(store: Store, domain: string): Promise<Refusal> {
  await store.alarms.raise({
    code: 'site_ownerless',
    subject: domain,
    message: `The farm has a folder for ${domain} without an owner. Nobody may write there, and nothing was deleted.`,
    mend: `Look at the folder ${domain} on the farm; remove it if it is empty, then retry the task.`,
  })
  return new Refusal('site_ownerless', fedWikiSentences.site_ownerless, { domain })
}
