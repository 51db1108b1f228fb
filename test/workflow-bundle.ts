/** The workflows, bundled once for each state of their sources: loading the bundler takes longer than most tests. */
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

export async function workflowBundle(): Promise<string> {
  const sources = [
    'package-lock.json',
    ...globSync('{workflows,contracts}/src/**/*.ts', { cwd: root }).sort(),
  ]
  const hash = createHash('sha256')
  for (const source of sources)
    hash
      .update(source)
      .update('\0')
      .update(readFileSync(join(root, source)))
  const path = join(root, 'node_modules/.cache/wikistead', `workflows-${hash.digest('hex').slice(0, 16)}.js`)
  if (!existsSync(path)) {
    const { makeWorkflowBundle } = await import('@wikistead/worker')
    await makeWorkflowBundle(path)
  }
  return path
}
