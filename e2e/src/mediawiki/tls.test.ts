/**
 * A MediaWiki wiki over a real MariaDB that takes encrypted connections only, and that has every default of a session and a
 * table otherwise than MediaWiki thinks.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { makeCertificates, type Certificates } from '@wikistead/test/certificates'
import { otherDefaults } from '@wikistead/test/other-defaults'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startMediaWikiWorld, type MediaWikiWorld } from '../../test/mediawiki/mediawiki-world.ts'

const run = promisify(execFile)
const started = new AsyncDisposableStack()
let world: MediaWikiWorld
let certificates: Certificates

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-tls-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  certificates = await makeCertificates(folder)
  const { server, authority } = certificates
  const demanding = [`--ssl-cert=${server.cert}`, `--ssl-key=${server.key}`, '--require-secure-transport=ON']
  world = started.use(
    await startMediaWikiWorld({
      mariadb: [...otherDefaults, ...demanding],
      settings: { 'wiki-db-ca-file': authority.cert },
    }),
  )
})
afterAll(() => started.disposeAsync())

test('a wiki is made in all phases, is read and written, and is removed without a trace', async () => {
  const before = await world.residue()
  const taskId = await world.create('owls', { name: 'Eulen 🦉' })
  const task = await world.ended(taskId)
  expect(task, task.message).toMatchObject({ status: 'succeeded', progress: 100 })
  const folder = join(world.wikisFolder, 'owls')
  const ini = await readFile(join(folder, 'pubwiki.ini'), 'utf8')
  expect(ini).toMatch(/^WIKI_DB_TLS=true$/m)
  expect(ini).toContain(`WIKI_DB_CA_FILE="${certificates.authority.cert}"`)

  const tables = await world.sql(
    "SELECT DISTINCT ENGINE AS engine, ROW_FORMAT AS format FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'owls' AND TABLE_NAME <> 'searchindex'",
  )
  expect(tables).toEqual([{ engine: 'InnoDB', format: 'Dynamic' }])

  // What is written comes back, also by another connection.
  const php = (...args: readonly string[]) => {
    const child = run('php', ['maintenance/run', ...args], { cwd: folder })
    child.child.stdin?.end('Eine 🦉, zwei 🦉🦉')
    return child
  }
  await php('edit', '--user', 'Maintenance script', 'Eule_🦉')
  expect((await php('getText', 'Eule_🦉')).stdout).toContain('Eine 🦉, zwei 🦉🦉')

  // PHP takes no other certificate than one of the authority that is named.
  await writeFile(
    join(folder, 'pubwiki.ini'),
    ini.replace(certificates.authority.cert, () => certificates.strangeAuthority.cert),
  )
  await expect(php('getText', 'Eule_🦉')).rejects.toThrow()
  await writeFile(join(folder, 'pubwiki.ini'), ini)

  const purged = await world.ended(await world.ask('DELETE', `/v1/wikis/${String(task.wiki_id)}?now=1`))
  expect(purged, purged.message).toMatchObject({ kind: 'purge_wiki', status: 'succeeded' })
  expect(await world.residue()).toEqual(before)
})
