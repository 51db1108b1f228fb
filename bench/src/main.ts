/** `npm run bench [NAME…]` prints the table; `npm run bench -- --write` also keeps it in docs/benchmarks.md. */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import process from 'node:process'
import { benchCreate } from './create-site.ts'
import { benchList } from './list-wikis.ts'
import { benchSse } from './sse-lag.ts'
import { benchStartUp } from './startup.ts'
import { benchSync } from './sync.ts'
import { markdownTable, type Row } from './table.ts'

const benches: Readonly<Record<string, () => Promise<Row[]>>> = {
  create: benchCreate,
  sync: benchSync,
  list: benchList,
  sse: benchSse,
  startup: () => benchStartUp(process.env),
}

const args = process.argv.slice(2)
const wanted = args.filter((name) => name in benches)
const rows: Row[] = []
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.error(`${name} …`)
  const measured = await bench()
  rows.push(...measured)
  console.error(markdownTable(measured))
}
const table = markdownTable(rows)
console.log(table)
if (args.includes('--write')) {
  const page = new URL('../../docs/benchmarks.md', import.meta.url)
  const text = await readFile(page, 'utf8')
  const machine = `${String(cpus().length)} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`
  const marked = /(<!-- measured -->).*(<!-- \/measured -->)/s
  await writeFile(page, text.replace(marked, `$1\n\n${machine}\n\n${table}\n\n$2`))
}
process.exit()
