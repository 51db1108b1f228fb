import { Refusal } from '@wikistead/contracts'

/** What became of it: its value, or the refusal's code. A fault is thrown on. */
export async function codeOf(outcome: Promise<unknown>): Promise<unknown> {
  try {
    return await outcome
  } catch (error) {
    if (error instanceof Refusal) return error.code
    throw error
  }
}
