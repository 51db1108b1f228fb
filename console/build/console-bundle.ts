/**
 * The console as files for the browser, made once for each state of its sources and found by that state's hash: nobody
 * builds it by hand, and nobody is served yesterday's. It is made in a process of its own, which then gives its memory
 * back.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')

/** The folder of the console's files in `cacheFolder`, made when it is missing; `onBuild` hears when that is so. */
export async function consoleBundle(
  cacheFolder: string,
  onBuild: () => void = () => undefined,
): Promise<string> {
  const folder = join(cacheFolder, `console-${sourcesHash()}`)
  if (!existsSync(folder)) {
    onBuild()
    await mkdir(cacheFolder, { recursive: true, mode: 0o755 })
    const script = fileURLToPath(new URL('make-console-bundle.ts', import.meta.url))
    // Of our own environment it needs nothing, and a test's would make a console for developers of it.
    await promisify(execFile)(process.execPath, [script, folder], { env: { NODE_ENV: 'production' } })
  }
  return folder
}

function sourcesHash(): string {
  const sources = [
    'package-lock.json',
    ...globSync('{console/{index.html,build/*.ts},console/public/*}', { cwd: root }).sort(),
    ...globSync('{console,components}/{src,i18n}/**/*.{ts,vue,css,less,json}', { cwd: root }).sort(),
    ...globSync('contracts/src/**/*.ts', { cwd: root }).sort(),
  ].filter((source) => !source.endsWith('.test.ts'))
  const hash = createHash('sha256')
  for (const source of sources) hash.update(`${source}\0`).update(readFileSync(join(root, source)))
  return hash.digest('hex').slice(0, 16)
}
