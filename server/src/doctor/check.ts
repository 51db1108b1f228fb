/** One thing that Wikistead needs, looked at: what is wrong with it, and what mends it. */
export interface Check {
  readonly check: string
  readonly ok: boolean
  /** Whether nothing works without it; what is only worth knowing is false. */
  readonly needed: boolean
  readonly detail: string
  readonly mend?: string
}

export const fine = (check: string, detail: string): Check => ({ check, ok: true, needed: true, detail })

export const broken = (check: string, detail: string, mend: string): Check => ({
  ...{ check, ok: false, needed: true, detail, mend },
})

/** Something to look at, without which everything works all the same. */
export const doubtful = (check: string, detail: string, mend: string): Check => ({
  ...{ check, ok: false, needed: false, detail, mend },
})

/** For `detail`: what an error says, in one line. */
export function inWords(error: unknown): string {
  const { message, code, errors } = error as Error & { code?: unknown; errors?: readonly unknown[] }
  const [first] = errors ?? []
  if (message === '' && first !== undefined) return inWords(first)
  if (message === '' && typeof code === 'string') return code
  return message.split('\n', 1)[0] ?? ''
}
