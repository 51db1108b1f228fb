/**
 * The lanes that tasks wait in, each with places of its own: none waits behind another. What undoes and what closes is in
 * no lane, and never waits. Zod-free, so that workflows may import values from here.
 */

export const lanes = ['create', 'change', 'delete', 'bulk'] as const
export type Lane = (typeof lanes)[number]

/** Where a task waits: a lane of one host, or (`host` is '') of the FedWiki farm. */
export interface Line {
  readonly lane: Lane
  readonly host: string
}

/**
 * How many of a lane are at work at once where `creations` wikis are made at once. Changing and deleting are short, and
 * somebody waits for them; what nobody waits for takes one place at most.
 */
export function placesIn(lane: Lane, creations: number): number {
  switch (lane) {
    case 'create':
      return creations
    case 'change':
    case 'delete':
      return Math.max(2, creations)
    case 'bulk':
      return 1
  }
}

/** Of a host whose worker is of an earlier release and does not say how many it takes. */
export const creationsUnsaid = 2
