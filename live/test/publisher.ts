/** A process that does nothing but publish: each line of its input is a task id. Prints `ready` first. */
import { createInterface } from 'node:readline'
import { redisLive } from '../src/redis-live.ts'
import { tailingLive } from '../src/tailing-live.ts'

const [server = '', password = ''] = process.argv.slice(2)
await using live = redisLive({
  server,
  password,
  fallback: tailingLive({ lastSeqs: async () => new Map() }),
})
while (!live.health().ok) await new Promise((resolve) => setImmediate(resolve))
console.log('ready')
for await (const taskId of createInterface({ input: process.stdin })) live.publish(taskId)
