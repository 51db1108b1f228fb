import { isAbsolute, join, normalize, relative } from 'node:path'
import { RunnerFault } from '../faults/runner-fault.ts'

/** One folder, as this host and as the container sees it; both absolute. */
export interface PathMapping {
  readonly host: string
  readonly container: string
}

/** @throws RunnerFault when the container sees nothing of the folder. */
export function pathInContainer(path: string, mappings: readonly PathMapping[]): string {
  const within = mappings
    .map((mapping) => ({ ...mapping, rest: relative(normalize(mapping.host), path) }))
    .filter(({ rest }) => !isAbsolute(rest) && rest !== '..' && !rest.startsWith('../'))
  // The deepest mount is the one that is seen.
  const [nearest] = within.sort((one, other) => one.rest.length - other.rest.length)
  if (nearest === undefined || !isAbsolute(path)) {
    throw new RunnerFault(
      'place_unfit',
      `The folder ${path} is not mapped into the container.`,
      'Name the folder on the host and its place in the container in the path map.',
    )
  }
  return join(nearest.container, nearest.rest)
}
