/** How a running `start` is found: its addresses in a file of its data folder, for as long as it runs. */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

export interface Running {
  readonly pid: number
  /** Of the API, e.g. `http://127.0.0.1:8410`. */
  readonly api: string
  /** Of the embedded farm's guard. */
  readonly farm?: string
  /** host:port */
  readonly temporal: string
}

/** Writes the file; disposal takes it away. */
export async function tellRunning(
  dataFolder: string,
  addresses: Omit<Running, 'pid'>,
): Promise<AsyncDisposable> {
  const file = fileIn(dataFolder)
  const running: Running = { pid: process.pid, ...addresses }
  await writeFile(`${file}.new`, `${JSON.stringify(running)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) }
}

/** Undefined when nothing runs over this data folder. */
export async function readRunning(dataFolder: string): Promise<Running | undefined> {
  try {
    const running = JSON.parse(await readFile(fileIn(dataFolder), 'utf8')) as Running
    // A killed one leaves the file behind. Signal 0 only asks.
    process.kill(running.pid, 0)
    return running
  } catch {
    return undefined
  }
}

const fileIn = (dataFolder: string): string => join(dataFolder, 'running.json')
