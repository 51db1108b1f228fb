/** Run as a program by `sse-lag.ts`: an API over a SQLite store, and an event for every line it reads. */
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { loadConfig } from '@wikistead/config'
import { bootstrapTokenFile, createLogger, runApi } from '@wikistead/server'
import { openStore } from '@wikistead/store'

const [mode] = process.argv.slice(2)
const folder = await mkdtemp(join(tmpdir(), 'wikistead-bench-'))
const filename = join(folder, 'store.sqlite')
const config = loadConfig({
  flags: {
    'data-folder': folder,
    port: '0',
    'rate-limits': 'false',
    'store-url': `sqlite:${filename}`,
    'temporal-address': '127.0.0.1:1',
  },
  env: {},
})
const environment = { env: {}, logger: createLogger('silent') }
const api = await runApi(config, environment, { alone: mode === 'in process' })
// "In process", the API's own store writes, as the worker of `start` does; else another connection does.
const store = mode === 'in process' ? api.store : await openStore({ engine: 'sqlite', filename })
const taskId = 'bench'
await store.transaction((scope) =>
  scope.tasks.insert({
    ...{ taskId, kind: 'create_wiki', engine: 'fedwiki', wikiId: null, userId: 1, input: {} },
    ...{ workflowType: 'none', message: 'a task that only tells' },
  }),
)
const token = await readFile(bootstrapTokenFile(folder), 'utf8')
console.log(JSON.stringify({ url: `${api.url}/v1/tasks/${taskId}/events`, token }))
for await (const line of createInterface({ input: process.stdin })) {
  await store.transaction((scope) =>
    scope.tasks.append({
      ...{ taskId, run: 1 },
      event:
        line === 'end'
          ? { type: 'status', status: 'succeeded' }
          : {
              ...{ type: 'progress', status: 'running', progress: 1 },
              message: (performance.timeOrigin + performance.now()).toFixed(3),
            },
    }),
  )
  console.log('committed')
}
