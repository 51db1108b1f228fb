/**
 * `npm run bench [NAME…]` prints the table; `npm run bench -- --write` also keeps it in docs/benchmarks.md, where a named
 * bench replaces its own rows only.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import process from 'node:process'
import { format } from 'prettier'
import { benchCreate } from './create-site.ts'
import { benchLargeStore } from './large-store.ts'
import { benchCrowd } from './crowd.ts'
import { benchList } from './list-wikis.ts'
import { benchMediaWiki } from './mediawiki.ts'
import { withSection } from './page.ts'
import { benchRestart } from './restart.ts'
import { benchSse } from './sse-lag.ts'
import { benchStartUp } from './startup.ts'
import { benchSync } from './sync.ts'
import { markdownTable, type Row } from './table.ts'

const benches: Readonly<Record<string, () => Promise<Row[]>>> = {
  create: benchCreate,
  sync: benchSync,
  list: benchList,
  large: () => benchLargeStore(process.env),
  sse: benchSse,
  startup: () => benchStartUp(process.env),
  mediawiki: () => benchMediaWiki(process.env),
  restart: () => benchRestart(process.env),
  crowd: () => benchCrowd(process.env),
}

const args = process.argv.slice(2)
const wanted = args.filter((name) => name in benches)
const page = new URL('../../docs/benchmarks.md', import.meta.url)
const machine = `${String(cpus().length)} cores, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}`
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.error(`${name} …`)
  const table = markdownTable(await bench())
  console.log(table)
  if (args.includes('--write')) {
    const text = withSection(await readFile(page, 'utf8'), name, `${machine}\n\n${table}`)
    await writeFile(page, await format(text, { parser: 'markdown' }))
  }
}
process.exit()
