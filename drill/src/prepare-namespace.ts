import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Settings } from './ours.ts'

const run = promisify(execFile)

/** By the command that operators have for it; what it says. */
export async function prepareNamespace(checkout: string, settings: Settings, env: Settings): Promise<string> {
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const args = [join(checkout, 'cli/src/main.ts'), 'temporal', 'prepare', ...flags]
  const { stdout } = await run(process.execPath, args, { env })
  return stdout.trim().replaceAll('\n', '; ')
}
