/** One run of PHP, whatever becomes of it. */
import { execFile } from 'node:child_process'

export interface Php {
  /** Default `php`, found on `PATH`. */
  readonly php?: string
  /** PHP's whole environment, `PATH` among it. */
  readonly env: Readonly<Record<string, string>>
}

export interface PhpRun {
  readonly ok: boolean
  readonly stdout: string
  /** Why it failed: the last line that PHP wrote, or that there is no PHP. */
  readonly reason: string
}

export function runPhp({ php = 'php', env }: Php, args: readonly string[]): Promise<PhpRun> {
  return new Promise((resolve) => {
    execFile(php, args, { env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const said = `${stderr}\n${stdout}`
        .split('\n')
        .filter((line) => /\S/.test(line) && !/^\s|^#|^Stack/.test(line))
      resolve({ ok: error === null, stdout, reason: said[0] ?? error?.message ?? '' })
    })
  })
}
