import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import { request, Agent } from 'undici'
import { summarize } from './measure.ts'
import { ms, type Row } from './table.ts'

const subscribers = 1_000
const events = 40

/** From the commit of an event until each of 1,000 subscribers has it; the API is a process of its own. */
export async function benchSse(): Promise<Row[]> {
  const rows: Row[] = []
  for (const mode of ['in process', 'asking the store'] as const) {
    const lags = await measure(mode)
    const { p50, p99, max } = summarize(lags)
    rows.push({
      what: `SSE lag, 1,000 subscribers, ${mode}`,
      ours: `p50 ${ms(p50)}, max ${ms(max)}`,
      peer: '',
      ...{ result: `p99 ${ms(p99)}`, goal: '≤ 100 ms', met: p99 <= 100 },
    })
  }
  return rows
}

async function measure(mode: string): Promise<number[]> {
  const script = fileURLToPath(new URL('sse-server.ts', import.meta.url))
  const server = spawn(process.execPath, [script, mode], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]()
  const { url, token } = JSON.parse(String((await lines.next()).value)) as { url: string; token: string }
  const agent = new Agent({ connections: subscribers, bodyTimeout: 0 })
  const lags: number[] = []
  const ends = await Promise.all(
    Array.from({ length: subscribers }, async () => {
      const { body } = await request(url, {
        dispatcher: agent,
        headers: { authorization: `Bearer ${token}` },
      })
      return read(body, lags)
    }),
  )
  for (let event = 0; event < events; event += 1) {
    server.stdin.write('append\n')
    await lines.next()
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  server.stdin.write('end\n')
  await Promise.all(ends.map(({ done }) => done))
  server.kill()
  await agent.destroy()
  return lags
}

function read(body: AsyncIterable<Uint8Array>, lags: number[]): { done: Promise<void> } {
  return {
    done: (async () => {
      let text = ''
      for await (const chunk of body) {
        text += Buffer.from(chunk).toString()
        const frames = text.split('\n\n')
        text = frames.pop() ?? ''
        for (const frame of frames) {
          const sentAt = /"message":"(\d+\.\d+)"/.exec(frame)?.[1]
          if (sentAt !== undefined) lags.push(performance.timeOrigin + performance.now() - Number(sentAt))
        }
      }
    })(),
  }
}
