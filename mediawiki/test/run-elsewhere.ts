/** `node run-elsewhere.ts JSON`: a worker's process that runs one command and tells of it, a JSON text a line. */
import { createDockerRunner, createHostRunner, type RunnerCommand } from '../src/index.ts'
import type { RunnerSettings } from './runner-subject.ts'

const { settings, command } = JSON.parse(process.argv[2] ?? '') as {
  readonly settings: RunnerSettings
  readonly command: RunnerCommand
}
const tell = (what: unknown) => void process.stdout.write(`${JSON.stringify(what)}\n`)
await using runner =
  settings.kind === 'host' ? createHostRunner(settings.options) : createDockerRunner(settings.options)
try {
  const signal = new AbortController().signal
  tell({ result: await runner.run(command, { onOutput: (output) => tell({ output }), signal }) })
} catch (error) {
  tell({ error: (error as Error).message })
}
