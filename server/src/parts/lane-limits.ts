import type { Config } from '@wikistead/config'
import type { LaneLimits } from '@wikistead/tasks'

/** How many tasks are at work at once, and how many may wait. */
export const laneLimits = ({ fedwikiCreations, longestQueue }: Config): LaneLimits => ({
  fedwikiCreations,
  longestQueue,
})
