/** Follows the two files that a command's output goes to, from wherever the last one who followed them stopped. */
import type { FileHandle } from 'node:fs/promises'
import type { CommandFiles } from './command-files.ts'
import { LineSplitter } from './line-splitter.ts'
import type { OutputLine, OutputPosition } from './runner.ts'

export interface CommandOutputOptions {
  readonly files: CommandFiles
  readonly from: OutputPosition | undefined
  /** Each file's; see `keep` in `command.sh`. */
  readonly limitBytes: number
  readonly redact: (line: string) => string
  readonly onOutput: (line: OutputLine) => void
}

export class CommandOutput implements AsyncDisposable {
  readonly #streams: readonly StreamOutput[]

  constructor(options: CommandOutputOptions) {
    this.#streams = (['stdout', 'stderr'] as const).map((stream) => new StreamOutput(stream, options))
  }

  /** Gives out what has come since. */
  async read(): Promise<void> {
    for (const stream of this.#streams) await stream.read()
  }

  /** Gives out all there is, of a command that has ended; once more when it turns out that it had not quite. */
  async finish(): Promise<void> {
    for (const stream of this.#streams) await stream.finish()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) await stream.close()
  }
}

class StreamOutput {
  readonly #stream: OutputLine['stream']
  readonly #options: CommandOutputOptions
  readonly #buffer = Buffer.allocUnsafe(65_536)
  #handle: FileHandle | undefined
  #position: number
  #lines: LineSplitter
  #saidLimit = false

  constructor(stream: OutputLine['stream'], options: CommandOutputOptions) {
    this.#stream = stream
    this.#options = options
    this.#position = options.from?.[stream] ?? 0
    this.#lines = this.#splitter()
  }

  async read(): Promise<void> {
    const handle = await this.#open()
    if (handle === undefined) return
    this.#position = await this.#pass(handle, this.#position)
    if (this.#position < this.#options.limitBytes || this.#saidLimit) return
    this.#saidLimit = true
    const kept = `${String(this.#options.limitBytes / 1_048_576)} MiB`
    this.#emit(`(more than ${kept} of output: of the rest only the end is kept)`, this.#position)
  }

  async finish(): Promise<void> {
    await this.read()
    this.#lines.end()
    await using end = await this.#options.files.openOutput(`${fileOf[this.#stream]}.end`)
    if (end === undefined) return
    this.#lines = this.#splitter((line) => this.#emit(line, this.#position))
    await this.#pass(end, 0)
    this.#lines.end()
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }

  async #open(): Promise<FileHandle | undefined> {
    if (this.#handle !== undefined) return this.#handle
    this.#handle = await this.#options.files.openOutput(fileOf[this.#stream])
    const size = (await this.#handle?.stat())?.size
    // The files have been forgotten since, and begun anew.
    if (size !== undefined && this.#position > size) {
      this.#position = 0
      this.#lines = this.#splitter()
    }
    return this.#handle
  }

  /** Returns where it stopped. */
  async #pass(handle: FileHandle, from: number): Promise<number> {
    for (let position = from; ;) {
      const { bytesRead } = await handle.read(this.#buffer, 0, this.#buffer.length, position)
      if (bytesRead === 0) return position
      this.#lines.push(this.#buffer.subarray(0, bytesRead))
      position += bytesRead
    }
  }

  #splitter(onLine = (line: string, end: number) => this.#emit(line, end)): LineSplitter {
    return new LineSplitter({ from: this.#position, redact: this.#options.redact, onLine })
  }

  #emit(line: string, end: number): void {
    this.#options.onOutput({ stream: this.#stream, line, end })
  }
}

const fileOf = { stdout: 'out', stderr: 'err' } as const
