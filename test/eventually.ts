import { vi } from 'vitest'

/**
 * Waits until `look` throws no more, and gives what it gives; it looks again every `intervalMs`. It ends for a test that hangs,
 * never for a machine that is busy: so long is a minute of this machine under ten others' work.
 */
export const eventually = <T>(look: () => T | Promise<T>, intervalMs = 20): Promise<T> =>
  vi.waitFor(look, { timeout: 240_000, interval: intervalMs })
