/**
 * One at a time: whoever asks while it is under way waits for the same answer, and so does whoever asks within `keepMs` of it,
 * in milliseconds.
 */
export function shared<T>(ask: () => Promise<T>, keepMs: (answer: T) => number = () => 0): () => Promise<T> {
  let underWay: Promise<T> | undefined
  let kept: { readonly answer: T; readonly until: number } | undefined
  return async () => {
    if (kept !== undefined && performance.now() < kept.until) return kept.answer
    underWay ??= ask().finally(() => {
      underWay = undefined
    })
    const answer = await underWay
    kept = { answer, until: performance.now() + keepMs(answer) }
    return answer
  }
}
