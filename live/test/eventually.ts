import { vi } from 'vitest'

/** Until the check holds; patient, because the machine may be busy. */
export async function eventually(check: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 15_000, interval: 2 })
}
