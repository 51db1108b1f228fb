/** Begins commands for its parent, and ends with it; see `command-starter.ts`. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import process from 'node:process'
import type { FromStarter, ToStarter } from './starter-messages.ts'

const children = new Map<number, ChildProcess>()

process.on('message', (message: ToStarter) => {
  if ('kill' in message) children.get(message.kill)?.kill('SIGKILL')
  else begin(message)
})
process.on('disconnect', () => process.exit())
// Its parent ends by these in its own time, and needs it until then. A handler is not inherited by commands.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

function begin({ begin: id, command, args, options }: Extract<ToStarter, { readonly begin: number }>): void {
  const { output = false, ...others } = options
  const fail = ({ code = '', message }: NodeJS.ErrnoException): void => {
    children.delete(id)
    tell({ failed: id, code, message })
  }
  let child: ChildProcess
  try {
    const stream = output ? 'pipe' : 'ignore'
    child = spawn(command, args, { ...others, stdio: ['ignore', stream, stream] as StdioOptions })
  } catch (error) {
    // Of what the system does not allow it is told at once.
    fail(error as NodeJS.ErrnoException)
    return
  }
  children.set(id, child)
  child.once('spawn', () => tell({ begun: id }))
  child.once('error', fail)
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.on('data', (chunk: Buffer) => tell({ output: id, stream, chunk }))
  }
  child.once('close', (code) => {
    if (children.delete(id)) tell({ ended: id, code })
  })
}

function tell(message: FromStarter): void {
  // A parent that is gone is told nothing, and this ends with it.
  if (process.connected) process.send?.(message, (error: Error | null) => error !== null && process.exit())
}
