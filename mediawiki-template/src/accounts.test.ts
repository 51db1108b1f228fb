import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'
import type { Answer, Visitor } from '../test/visitor.ts'

describe('who may read and write a wiki', () => {
  let site: TestSite
  beforeAll(async () => {
    site = await startTestSite()
  })
  afterAll(() => site[Symbol.asyncDispose]())

  test('a private wiki tells nobody anything who is not signed in', async () => {
    const wiki = await site.openWiki('private', { WIKI_VISIBILITY: 'private' })
    await wiki.maintenance('createAndPromote', '--sysop', '--bureaucrat', 'Founder', 'a long password')
    const owner = site.visitor()
    expect(await owner.signIn(hostOf('private'), 'Founder', 'a long password')).toMatchObject({
      clientlogin: { status: 'PASS' },
    })
    expect(await owner.edit(hostOf('private'), 'Secret', 'The platypus is here.')).toMatchObject({
      edit: { result: 'Success' },
    })
    expect((await owner.get(hostOf('private'), '/wiki/Secret')).text).toContain('The platypus is here.')
    const upload = await uploadPicture(owner, hostOf('private'))
    const picture = new URL(upload).pathname

    const stranger = site.visitor()
    for (const path of [...readable, picture]) {
      const refused = refusal(await stranger.get(hostOf('private'), path))
      expect(refused, path).toBe(true)
      // Or else it was the wrong question.
      expect(refusal(await owner.get(hostOf('private'), path)), path).toBe(false)
    }
    const asFile = picture.replace('/img_auth.php', '/images')
    expect((await owner.get(hostOf('private'), asFile)).status).toBe(404)
    expect(await stranger.signUp(hostOf('private'), 'Stranger', 'a long password')).toMatchObject({
      createaccount: { status: 'FAIL', messagecode: 'permissiondenied' },
    })
    expect((await stranger.get(hostOf('private'), '/wiki/Special:UserLogin')).status).toBe(200)
    const seen = await owner.get(hostOf('private'), picture)
    expect([seen.status, seen.headers['content-type']]).toEqual([200, 'image/png'])
  })

  test('a picture on a public wiki is everybody’s', async () => {
    const wiki = await site.openWiki('pictures')
    await wiki.maintenance('createAndPromote', 'Painter', 'a long password')
    const painter = site.visitor()
    await painter.signIn(hostOf('pictures'), 'Painter', 'a long password')
    const picture = new URL(await uploadPicture(painter, hostOf('pictures'))).pathname
    const seen = await site.visitor().get(hostOf('pictures'), picture)
    expect([seen.status, seen.headers['content-type']]).toEqual([200, 'image/png'])
  })

  test('an account of the hub signs in on a child, edits there, and reads a private child only as its member', async () => {
    const hub = await site.openWiki('hub')
    const child = await site.openWiki('child', { WIKI_SHARED_DB_NAME: hub.database })
    const bea = site.visitor()
    expect(await bea.signUp(hostOf('hub'), 'Bea', 'a long password')).toMatchObject({
      createaccount: { status: 'PASS' },
    })
    const whoAmI = { action: 'query', meta: 'userinfo', uiprop: 'groups' }
    expect(await bea.api(hostOf('child'), whoAmI)).toMatchObject({ query: { userinfo: { anon: true } } })
    expect(await bea.signIn(hostOf('child'), 'Bea', 'a long password')).toMatchObject({
      clientlogin: { status: 'PASS' },
    })
    expect(await bea.api(hostOf('child'), whoAmI)).toMatchObject({ query: { userinfo: { name: 'Bea' } } })
    expect(await bea.edit(hostOf('child'), 'By Bea', 'Hello.')).toMatchObject({ edit: { result: 'Success' } })
    const authors = { action: 'query', prop: 'revisions', rvprop: 'user', titles: 'By Bea|Main Page' }
    const pages = JSON.stringify(await bea.api(hostOf('child'), authors))
    expect(pages).toContain('"user":"Bea"')
    expect(pages).toContain('"user":"MediaWiki default"')
    // A preference that goes back to its default is deleted: the hub grants that too.
    for (const value of ['1', '0']) {
      const token = await bea.token(hostOf('child'), 'csrf')
      const set = { action: 'options', optionname: 'minordefault', optionvalue: value, token }
      expect(await bea.api(hostOf('child'), set)).toMatchObject({ options: 'success' })
    }
    expect(await child.query('SELECT user_name FROM user')).toEqual([
      { user_name: Buffer.from('MediaWiki default') },
    ])

    await child.configure({ WIKI_VISIBILITY: 'private' })
    expect((await bea.get(hostOf('child'), '/wiki/By_Bea')).text).not.toContain('Hello.')
    expect(await bea.api(hostOf('child'), { action: 'parse', page: 'By Bea' })).toMatchObject({
      error: { code: 'readapidenied' },
    })
    await child.maintenance('createAndPromote', '--force', '--custom-groups', 'member', 'Bea')
    expect((await bea.get(hostOf('child'), '/wiki/By_Bea')).text).toContain('Hello.')
  })
})

/** By whoever is signed in. */
const readable = `
  /wiki/Secret
  /index.php?title=Secret
  /index.php?title=Secret&action=raw
  /index.php?title=Secret&action=history
  /index.php?title=Special:RecentChanges&feed=atom
  /wiki/Special:Export/Secret
  /wiki/Special:Search?search=platypus
  /wiki/Special:Version
  /api.php?action=query&prop=revisions&titles=Secret&rvprop=content&format=json
  /api.php?action=parse&page=Secret&format=json
  /api.php?action=query&list=search&srsearch=platypus&srwhat=text&format=json
  /api.php?action=query&list=recentchanges&format=json
  /api.php?action=query&list=allusers&format=json
  /api.php?action=query&meta=siteinfo&format=json
  /api.php?action=opensearch&search=Sec
  /api.php?action=feedrecentchanges
  /rest.php/v1/page/Secret
  /rest.php/v1/page/Secret/html
  /rest.php/v1/page/Secret/history
  /rest.php/v1/search/page?q=platypus
  /rest.php/v1/search/title?q=Secret
  /thumb.php?f=Dot.png&width=1
`
  .trim()
  .split(/\s+/)

function refusal({ status, text }: Answer): boolean {
  return status === 401 || status === 403 || /readapidenied|<title>Login required/.test(text)
}

/** Answers the URL of the file. */
async function uploadPicture(visitor: Visitor, host: string): Promise<string> {
  const form = new FormData()
  for (const [name, value] of Object.entries({ action: 'upload', format: 'json', filename: 'Dot.png' })) {
    form.set(name, value)
  }
  form.set('token', await visitor.token(host, 'csrf'))
  form.set('file', new Blob([dot], { type: 'image/png' }), 'Dot.png')
  const { text } = await visitor.post(host, '/api.php', form)
  const answer = JSON.parse(text) as { upload?: { imageinfo?: { url?: string } } }
  expect(answer, text).toMatchObject({ upload: { result: 'Success' } })
  return answer.upload?.imageinfo?.url ?? ''
}

/** One pixel. */
const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
