/** Numbers that can be trusted on a noisy machine: both sides in turn, medians, and the ratio of each pair. */

export interface Summary {
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? 0 }
}

export async function milliseconds(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await act()
  return performance.now() - started
}

export interface Comparison {
  readonly ours: Summary
  readonly peer: Summary
  /** Median of ours ÷ peer, pair by pair. */
  readonly ratio: number
}

/** Runs ours and the peer's in turn, after some rounds that do not count. */
export async function compare(
  rounds: number,
  ours: (round: number) => Promise<unknown>,
  peer: (round: number) => Promise<unknown>,
  warmUp = 3,
): Promise<Comparison> {
  const pairs: { ours: number; peer: number }[] = []
  for (let round = -warmUp; round < rounds; round += 1) {
    const pair = {
      ours: await milliseconds(() => ours(round)),
      peer: await milliseconds(() => peer(round)),
    }
    if (round >= 0) pairs.push(pair)
  }
  return {
    ours: summarize(pairs.map((pair) => pair.ours)),
    peer: summarize(pairs.map((pair) => pair.peer)),
    ratio: summarize(pairs.map((pair) => pair.ours / pair.peer)).p50,
  }
}
