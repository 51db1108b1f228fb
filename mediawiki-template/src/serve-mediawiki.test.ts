import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forbiddenPaths, givenAway, plantSecrets, rawGet } from '../test/forbidden-paths.ts'
import { rootHost, run, type TestWiki } from '../test/test-farm.ts'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'

describe('the front', () => {
  let site: TestSite
  let ada: TestWiki
  beforeAll(async () => {
    site = await startTestSite()
    ada = await site.openWiki('ada')
  })
  afterAll(() => site[Symbol.asyncDispose]())

  test('serves its styles, scripts and pictures', async () => {
    const styles = await site
      .visitor()
      .get(hostOf('ada'), '/load.php?lang=en&modules=skins.vector.styles&only=styles&skin=vector-2022')
    expect(styles.status).toBe(200)
    expect(styles.headers['content-type']).toContain('text/css')
    const logo = await site.visitor().get(hostOf('ada'), '/resources/assets/poweredby_mediawiki.svg')
    expect([logo.status, logo.headers['content-type']]).toEqual([200, 'image/svg+xml'])
    const etag = String(logo.headers['etag'])
    const again = await site.visitor().get(hostOf('ada'), '/resources/assets/poweredby_mediawiki.svg', {
      'if-none-match': etag,
    })
    expect(again.status).toBe(304)
  })

  test('says at its own address what became of a wiki', async () => {
    site.statuses.set('new', { state: 'creating', message: 'Copying <the> template', progress: 40 })
    const creating = await site.visitor().get(hostOf('new'), '/wiki/Anything')
    expect(creating.status).toBe(503)
    expect(creating.headers).toMatchObject({ 'retry-after': '2', 'cache-control': 'no-store' })
    expect(creating.text).toContain('http-equiv="refresh"')
    expect(creating.text).toContain('Copying &#60;the&#62; template')
    expect(creating.text).toContain('value="40"')
    const expected = [
      [{ state: 'failed' }, 503, 'could not be made'],
      [{ state: 'deleted' }, 410, 'was deleted'],
      [{ state: 'unknown' }, 404, 'no wiki here'],
    ] as const
    for (const [status, code, words] of expected) {
      site.statuses.set('new', status)
      const page = await site.visitor().get(hostOf('new'), '/')
      expect(page.status).toBe(code)
      expect(page.text).toContain(words)
    }
    for (const strange of [
      'other.example',
      rootHost,
      `a.b.${rootHost}`,
      `..${rootHost}`,
      `__proto__.${rootHost}`,
    ]) {
      expect((await site.visitor().get(strange, '/')).status, strange).toBe(404)
    }
  })

  test('a wiki that is bootstrapping is out of service whatever the front thinks', async () => {
    const wiki = await site.farm.makeWiki('half')
    await wiki.maintenance('installPreConfigured')
    site.statuses.set('half', { state: 'ready' })
    for (const path of [
      '/wiki/Main_Page',
      '/api.php?action=query&meta=siteinfo',
      '/rest.php/v1/page/Main_Page',
    ]) {
      const answer = await site.visitor().get(hostOf('half'), path)
      expect(answer.status, path).toBe(503)
      expect(answer.text).toBe('This wiki is not in service at the moment.\n')
    }
  })

  test('gives out nothing but MediaWiki’s own addresses', async () => {
    await plantSecrets(ada.folder)
    for (const path of forbiddenPaths) {
      const { status, text } = await rawGet(site.front.port, hostOf('ada'), path)
      expect(text, path).not.toMatch(givenAway)
      expect(status, path).toBe(404)
    }
  })

  test('shows a wiki only under its own name, whatever a request claims', async () => {
    await site.openWiki('other')
    // Not ready: not to be reached in any way.
    site.statuses.set('other', { state: 'deleted' })
    for (const header of ['x-wikistead-wiki', 'X_Wikistead_Wiki', 'x-forwarded-host']) {
      const answer = await site
        .visitor()
        .get(hostOf('ada'), '/api.php?action=query&meta=siteinfo&format=json', {
          [header]: 'other',
        })
      expect(answer.text, header).toContain(ada.database)
    }
    const spoofed = await site
      .visitor()
      .get(hostOf('ada'), '/api.php?action=query&meta=userinfo&format=json', {
        'x-forwarded-for': '203.0.113.7',
        X_Forwarded_For: '203.0.113.8',
      })
    expect(JSON.parse(spoofed.text)).toMatchObject({ query: { userinfo: { name: '127.0.0.1' } } })
  })

  test('PHP that is killed comes back, and meanwhile the front says so', async () => {
    const { stdout } = await run('pgrep', ['-f', `router.php$`])
    const mine: string[] = []
    for (const pid of stdout.trim().split('\n')) {
      const environment = await run('sh', ['-c', `tr '\\0' '\\n' < /proc/${pid}/environ`]).catch(() => ({
        stdout: '',
      }))
      if (environment.stdout.includes(`WIKISTEAD_WIKIS=${site.farm.wikisFolder}\n`)) mine.push(pid)
    }
    expect(mine.length).toBeGreaterThan(1)
    for (const pid of mine) process.kill(Number(pid), 'SIGKILL')
    const seen = new Set<number>()
    await expect
      .poll(async () => {
        const { status } = await site.visitor().get(hostOf('ada'), '/wiki/Main_Page')
        seen.add(status)
        return status
      })
      .toBe(200)
    expect([...seen].filter((status) => status !== 200 && status !== 503)).toEqual([])
  })
})
