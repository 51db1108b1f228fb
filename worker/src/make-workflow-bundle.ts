/** Run as a program: writes the bundle to the path of its one argument, whole or not at all. */
import { rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import process from 'node:process'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('usage: make-workflow-bundle.ts PATH')
const workflowsPath = createRequire(import.meta.url).resolve('@wikistead/workflows')
const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') })
const unfinished = `${path}.${String(process.pid)}`
await writeFile(unfinished, code, { mode: 0o644 })
await rename(unfinished, path)
