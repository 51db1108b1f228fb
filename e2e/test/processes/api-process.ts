import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseFreePort, superviseChild } from '@wikistead/processes'
import { bootstrapTokenFile } from '@wikistead/server'
import type { Stack } from '@wikistead/test/stack'
import { setTimeout as sleep } from 'node:timers/promises'

export interface ApiProcess extends AsyncDisposable {
  readonly url: string
  /** Of the local admin. */
  readonly token: string
}

const command = join(import.meta.dirname, '../../../cli/bin/wikistead.js')

/** `wikistead api` as a process of its own, over the stack's store and Temporal. Its name tells its log from others'. */
export async function startApiProcess({ flags, folder, config }: Stack, name: string): Promise<ApiProcess> {
  const port = await chooseFreePort('127.0.0.1')
  const url = `http://127.0.0.1:${String(port)}`
  const child = await superviseChild({
    ...{ name, command: process.execPath, args: [command, 'api', ...flags, `--port=${String(port)}`] },
    env: {},
    logFile: join(folder, `${name}.log`),
    restart: false,
    ready: async (signal) => {
      for (; ; await sleep(20, undefined, { signal })) {
        const answer = await fetch(`${url}/healthz`, { signal }).catch(() => undefined)
        if (answer?.ok === true) return
      }
    },
  })
  const token = (await readFile(bootstrapTokenFile(config.dataFolder), 'utf8')).trim()
  return { url, token, [Symbol.asyncDispose]: () => child.stop() }
}
