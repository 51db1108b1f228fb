/**
 * The extension as MediaWiki takes it, with what is made for browsers: made once for each state of its sources, and
 * found by that state's hash. It is made in a process of its own, which then gives its memory back.
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

/** The extension's folder in `cacheFolder`, made when it is missing; `onBuild` hears when that is so. */
export async function extensionBundle(
  cacheFolder: string,
  onBuild: () => void = () => undefined,
): Promise<string> {
  const folder = join(cacheFolder, `extension-${sourcesHash()}`)
  if (!existsSync(folder)) {
    onBuild()
    await mkdir(cacheFolder, { recursive: true, mode: 0o755 })
    const script = fileURLToPath(new URL('make-extension.ts', import.meta.url))
    await promisify(execFile)(process.execPath, [script, folder])
  }
  return folder
}

function sourcesHash(): string {
  const sources = [
    'package-lock.json',
    ...globSync('extension/{extension.json,*.php,README.md,build/*.ts}', { cwd: root }).sort(),
    ...globSync('extension/{src,sql,i18n,resources/src}/**/*.*', { cwd: root }).sort(),
    ...globSync('extension/resources/*.css', { cwd: root }).sort(),
    ...globSync('components/{src,i18n}/**/*.{ts,vue,css,json}', { cwd: root }).sort(),
    ...globSync('contracts/src/**/*.ts', { cwd: root }).sort(),
  ].filter((source) => !source.endsWith('.test.ts') && !source.startsWith('extension/i18n/components/'))
  const hash = createHash('sha256')
  for (const source of sources) hash.update(`${source}\0`).update(readFileSync(join(root, source)))
  return hash.digest('hex').slice(0, 16)
}
