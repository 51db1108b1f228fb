/** The files of docs/serving-mediawiki.md, run by real nginx, Caddy and php-fpm. */
import { join } from 'node:path'
import { chooseFreePort } from '@wikistead/processes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forbiddenPaths, givenAway, plantSecrets, rawGet } from '../test/forbidden-paths.ts'
import { obtainProductionFronts, type ProductionFronts } from '../test/production-fronts.ts'
import { startTestFarm, type TestFarm } from '../test/test-farm.ts'
import { hostOf } from '../test/test-site.ts'
import { Visitor } from '../test/visitor.ts'

const started = new AsyncDisposableStack()
let farm: TestFarm
let fronts: ProductionFronts
let fpmSocket: string

beforeAll(async () => {
  farm = started.use(await startTestFarm())
  const wiki = await farm.makeWiki('ada')
  await wiki.install()
  await plantSecrets(wiki.folder)
  const { folder, wikisFolder } = farm
  fronts = await obtainProductionFronts({ folder, wikisFolder, anyHost: hostOf('ada') })
  fpmSocket = join(folder, 'fpm.sock')
  const pool = `[www]\nuser = root\ngroup = root\nlisten = ${fpmSocket}\npm = static\npm.max_children = 2\n`
  started.use(await fronts.startFpm(pool, [fpmSocket]))
})
afterAll(() => started.disposeAsync())

describe.for([
  ['nginx', 'startNginx'],
  ['Caddy', 'startCaddy'],
] as const)('%s with the file of the docs', ([name, start]) => {
  let port: number
  beforeAll(async () => {
    port = await chooseFreePort('127.0.0.1')
    started.use(await fronts[start](port, (block) => block.replaceAll('/run/php/php-fpm.sock', fpmSocket)))
  })

  test('serves pages, edits, REST and static files', async () => {
    const visitor = new Visitor(port)
    const page = await visitor.get(hostOf('ada'), '/wiki/Main_Page')
    expect([page.status, /<title>(.*)<\/title>/.exec(page.text)?.[1]]).toEqual([200, 'The wiki ada'])
    expect((await visitor.get(hostOf('ada'), '/')).status).toBe(301)
    const title = `Größe_&_Maß/${name}`
    expect(await visitor.edit(hostOf('ada'), title, 'Hello.')).toMatchObject({ edit: { result: 'Success' } })
    const rest = await visitor.get(hostOf('ada'), `/rest.php/v1/page/${encodeURIComponent(title)}`)
    expect(JSON.parse(rest.text)).toMatchObject({ source: 'Hello.' })
    const picture = await visitor.get(hostOf('ada'), '/resources/assets/poweredby_mediawiki.svg')
    expect([picture.status, picture.headers['content-type']]).toEqual([200, 'image/svg+xml'])
    const who = await visitor.api(hostOf('ada'), { action: 'query', meta: 'userinfo' })
    expect(who).toMatchObject({ query: { userinfo: { name: '127.0.0.1' } } })
  })

  test('gives out nothing else, and no wiki that is not there', async () => {
    for (const path of forbiddenPaths) {
      const { status, text } = await rawGet(port, hostOf('ada'), path)
      expect(text, path).not.toMatch(givenAway)
      expect([400, 404], `${path}: ${status}`).toContain(status)
    }
    const { status } = await rawGet(port, hostOf('nobody'), '/index.php')
    expect(status).toBe(404)
  })
})
