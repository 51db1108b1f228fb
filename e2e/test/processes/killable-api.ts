/** `wikistead api` as a process that can be killed outright, and comes back on its port by itself. */
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseFreePort, superviseChild } from '@wikistead/processes'
import type { Stack } from '@wikistead/test/stack'

export interface KillableApi extends AsyncDisposable {
  readonly url: string
  readonly pid: number
  /** SIGKILL; resolves when a new process answers. */
  kill(): Promise<void>
}

// Not the command's own script: that one would only pass signals on, and SIGKILL cannot be passed on.
const program = join(import.meta.dirname, '../../../cli/src/main.ts')

export async function startKillableApi(
  { flags, folder }: Pick<Stack, 'flags' | 'folder'>,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<KillableApi> {
  const port = await chooseFreePort('127.0.0.1')
  const url = `http://127.0.0.1:${String(port)}`
  const child = await superviseChild({
    ...{ name, env, logFile: join(folder, `${name}.log`) },
    command: process.execPath,
    args: [program, 'api', ...flags, `--port=${String(port)}`],
    ready: async (signal) => {
      for (; ; await sleep(20, undefined, { signal })) {
        const answer = await fetch(`${url}/healthz`, { signal }).catch(() => undefined)
        if (answer?.ok === true) return
      }
    },
  })
  return {
    url,
    get pid() {
      return child.state.pid ?? 0
    },
    async kill() {
      const { pid, restarts } = child.state
      if (pid === undefined) throw new Error(`${name} does not run`)
      process.kill(pid, 'SIGKILL')
      while (child.state.restarts === restarts || child.state.kind !== 'ready') await sleep(20)
    },
    [Symbol.asyncDispose]: () => child.stop(),
  }
}
