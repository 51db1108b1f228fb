/** A client whose connection is cut again and again, at random points, and who goes on from the last event it had whole. */
import { readStream, type Frame, type StreamPlace } from './event-stream.ts'

interface Followed {
  /** What the client makes of it all. */
  readonly log: readonly Frame[]
  readonly cuts: number
  /** Of them in the middle of a frame. */
  readonly cutsInFrames: number
  /** Connections that were lost, or could not be made. */
  readonly losses: number
}

export interface CutFollower {
  /** So far. */
  readonly cuts: number
  readonly followed: Promise<Followed>
}

export interface FollowOptions {
  /** Where to connect, the next time. */
  readonly place: () => StreamPlace
  /** From 0 to 1. */
  readonly random: () => number
  /** False lets the connection be: the client is to come to the end at last. */
  readonly cutting: () => boolean
}

/** Until a stream ends by itself. */
export function followWithCuts({ place, random, cutting }: FollowOptions): CutFollower {
  let cuts = 0
  return {
    get cuts() {
      return cuts
    },
    followed: follow(),
  }

  async function follow(): Promise<Followed> {
    const log: Frame[] = []
    let cutsInFrames = 0
    let losses = 0
    for (;;) {
      const reading = await readStream(place(), {
        lastEventId: log.at(-1)?.id,
        ...(cutting() && { cutAfterBytes: 1 + Math.floor(random() ** 3 * longestConnection) }),
      }).catch((error: unknown) => {
        if (!isConnectionError(error)) throw error
        return undefined
      })
      log.push(...(reading?.frames ?? []))
      if (reading?.end === 'ended') return { log, cuts, cutsInFrames, losses }
      if (reading?.end === 'cut') {
        cuts += 1
        if (reading.rest !== '') cutsInFrames += 1
      } else {
        losses += 1
      }
    }
  }
}

/** Bytes; half of all connections get less than an eighth of it. It must be more than the longest frame has. */
const longestConnection = 64_000

const isConnectionError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^(?:ECONN|EPIPE)/.test(String(error.code))

/** The same numbers for the same seed (mulberry32), so that a failure can be had again. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
