import type { Wiki } from '@wikistead/contracts'
import { standingStatuses } from '@wikistead/contracts/states'

/** Whether the wiki is there for its readers. */
export const standing = ({
  status,
  serving,
  suspension,
}: Pick<Wiki, 'status' | 'serving' | 'suspension'>): boolean =>
  suspension === null && serving !== 'archived' && standingStatuses.some((one) => one === status)
