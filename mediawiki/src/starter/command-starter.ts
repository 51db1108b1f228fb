/**
 * To begin a process the kernel copies the tables of the memory of whoever begins it: 1 ms for a small process, 20 ms for
 * one of 300 MB, in which nothing else is done meanwhile. So a small process of ours begins the commands for this one. It
 * is begun with the first command and ends with us, and with it whatever ends with its parent; what is detached goes on.
 */
import { fork, type ChildProcess } from 'node:child_process'
import process from 'node:process'
import type { BeginOptions, FromStarter, ToStarter } from './starter-messages.ts'

export interface BegunCommand {
  /** By SIGKILL. */
  kill(): void
  /** Its exit code, null when a signal ended it. @throws when nobody knows: the process that began it has died */
  readonly ended: Promise<number | null>
}

export interface OutputListeners {
  readonly onStdout?: (chunk: Buffer) => void
  readonly onStderr?: (chunk: Buffer) => void
}

interface Call extends OutputListeners {
  begun(): void
  ended(code: number | null): void
  failed(error: Error): void
}

let starter: Starter | undefined

/** @throws Error with the `code` of the system when it cannot be begun; without one when nothing can */
export async function beginCommand(
  [command, ...args]: readonly [string, ...string[]],
  options: BeginOptions,
  listeners: OutputListeners = {},
): Promise<BegunCommand> {
  if (starter === undefined || starter.isGone) starter = new Starter()
  return starter.begin(command, args, options, listeners)
}

class Starter {
  readonly #process: ChildProcess
  readonly #calls = new Map<number, Call>()
  /** What this process stays for: what is detached needs it no longer than until it has begun. */
  readonly #staysFor = new Set<number>()
  #last = 0
  isGone = false

  constructor() {
    this.#process = fork(new URL('starter-process.ts', import.meta.url), {
      // The kernel ends it with us, and with it at once what is to end with it.
      ...{ execPath: 'setpriv', execArgv: ['--pdeathsig', 'KILL', process.execPath] },
      // Of this process' environment, which holds secrets, and of its flags it needs nothing.
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#process.on('message', (message: FromStarter) => this.#hear(message))
    this.#process.on('error', (error) => {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      // Without a code: that would be the command's.
      this.#lose(new Error(isMissing ? 'setpriv of util-linux is missing' : error.message, { cause: error }))
    })
    this.#process.once('exit', () => this.#lose(new Error('the process that begins commands has ended')))
    this.#process.unref()
    this.#process.channel?.unref()
  }

  async begin(
    command: string,
    args: readonly string[],
    options: BeginOptions,
    listeners: OutputListeners,
  ): Promise<BegunCommand> {
    const id = (this.#last += 1)
    const begun = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<number | null>()
    // Who asks only whether it began does not hear of its end.
    ended.promise.catch(() => undefined)
    this.#process.channel?.ref()
    this.#staysFor.add(id)
    this.#calls.set(id, {
      ...listeners,
      begun: () => {
        if (options.detached === true) this.#rest(id)
        begun.resolve()
      },
      ended: ended.resolve,
      failed(error) {
        begun.reject(error)
        ended.reject(error)
      },
    })
    this.#say({ begin: id, command, args, options })
    await begun.promise
    return { kill: () => this.#say({ kill: id }), ended: ended.promise }
  }

  #say(message: ToStarter): void {
    if (this.isGone) return
    this.#process.send(message, (error) => {
      if (error !== null) this.#lose(error)
    })
  }

  #hear(message: FromStarter): void {
    if ('begun' in message) return this.#calls.get(message.begun)?.begun()
    if ('output' in message) {
      const call = this.#calls.get(message.output)
      const chunk = Buffer.from(message.chunk)
      return message.stream === 'stdout' ? call?.onStdout?.(chunk) : call?.onStderr?.(chunk)
    }
    if ('failed' in message) {
      const { failed: id, code, message: text } = message
      return this.#take(id)?.failed(Object.assign(new Error(text), { code }))
    }
    this.#take(message.ended)?.ended(message.code)
  }

  #take(id: number): Call | undefined {
    const call = this.#calls.get(id)
    this.#calls.delete(id)
    this.#rest(id)
    return call
  }

  #rest(id: number): void {
    this.#staysFor.delete(id)
    if (this.#staysFor.size === 0) this.#process.channel?.unref()
  }

  #lose(error: Error): void {
    this.isGone = true
    for (const id of [...this.#calls.keys()]) this.#take(id)?.failed(error)
  }
}
