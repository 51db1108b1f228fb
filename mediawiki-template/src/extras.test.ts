/** What people expect of a wiki, in real ones: pictures, the visual editor, skins, a main page that greets. */
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pngOf, sizeOfPng } from '../test/picture.ts'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'
import type { Json, Visitor } from '../test/visitor.ts'

const password = 'a long enough password'

describe('a wiki with what people expect', () => {
  let site: TestSite
  let ada: Visitor
  const host = hostOf('rich')
  beforeAll(async () => {
    site = await startTestSite()
    await site.openWiki('rich', { WIKI_EXTRAS: 'true' })
    ada = site.visitor()
    expect(await ada.signUp(host, 'Ada', password)).toMatchObject({ createaccount: { status: 'PASS' } })
    expect(await ada.signIn(host, 'Ada', password)).toMatchObject({ clientlogin: { status: 'PASS' } })
  })
  afterAll(() => site[Symbol.asyncDispose]())

  const htmlOf = async (text: string): Promise<string> => {
    const answer = await ada.api(host, {
      ...{ action: 'parse', text, contentmodel: 'wikitext', prop: 'text' },
      title: 'Test',
    })
    return answer['parse']?.['text'] as unknown as string
  }

  test('has the extensions and skins of its MediaWiki, and those of another page are not there', async () => {
    const { query } = await ada.api(host, {
      ...{ action: 'query', meta: 'siteinfo', siprop: 'extensions|skins' },
    })
    const names = (of: string, key: string) =>
      (query?.[of] as unknown as readonly Record<string, string>[]).map((one) => one[key])
    expect(names('extensions', 'name')).toEqual(
      expect.arrayContaining(['Cite', 'ParserFunctions', 'TemplateData', 'VisualEditor', 'WikiEditor']),
    )
    expect(names('skins', 'code')).toEqual(expect.arrayContaining(['minerva', 'monobook', 'timeless']))
    expect(await htmlOf('A<ref>Somebody</ref> {{#if:x|yes|no}} <references />')).toMatch(
      /class="reference"[\s\S]* yes [\s\S]*Somebody/,
    )
    const plain = await site.openWiki('plain')
    const page = await site.visitor().get(hostOf(plain.slug), '/wiki/Main_Page')
    expect(page.text).not.toMatch(/wikistead\.svg|ve\.init|a new wiki/)
  })

  test('shows its logo in every skin', async () => {
    const logo = await ada.get(host, '/resources/assets/wikistead.svg')
    expect([logo.status, logo.headers['content-type']]).toEqual([200, 'image/svg+xml'])
    for (const skin of ['vector-2022', 'minerva', 'monobook', 'timeless', 'vector']) {
      const { status, text } = await ada.get(host, `/index.php?title=Main_Page&useskin=${skin}`)
      expect([skin, status, text.includes(`skin-${skin}`)]).toEqual([skin, 200, true])
    }
    expect((await ada.get(host, '/wiki/Main_Page')).text).toContain('src="/resources/assets/wikistead.svg"')
  })

  test('makes thumbnails that are smaller, by their own bytes', async () => {
    const form = new FormData()
    const fields = {
      ...{ action: 'upload', format: 'json', filename: 'Stripes.png', ignorewarnings: '1' },
      token: await ada.token(host, 'csrf'),
    }
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob([new Uint8Array(pngOf(800, 600))], { type: 'image/png' }), 'stripes.png')
    const answer = JSON.parse((await ada.post(host, '/api.php', form)).text) as Json
    expect(answer).toMatchObject({ upload: { result: 'Success' } })

    const html = await htmlOf('[[File:Stripes.png|thumb|200px]]')
    const address = /<img[^>]* src="([^"]+)"/.exec(html)?.[1] ?? ''
    expect(address).toContain('/thumb/')
    const sizeOf = async (path: string) => {
      const { statusCode, body } = await request(`http://127.0.0.1:${String(site.front.port)}${path}`, {
        headers: { host },
      })
      expect(statusCode).toBe(200)
      return sizeOfPng(Buffer.from(await body.arrayBuffer()))
    }
    expect(await sizeOf(address.replace(/^http:\/\/[^/]+/, ''))).toEqual({ width: 200, height: 150 })
    const whole = /\/img_auth\.php\/[^"]+?\/Stripes\.png(?=")/.exec(
      (await ada.get(host, '/wiki/File:Stripes.png')).text,
    )?.[0]
    expect(await sizeOf(whole ?? '')).toEqual({ width: 800, height: 600 })
  })

  test('opens a page in the visual editor, and saves what was written there', async () => {
    await ada.edit(host, 'Garden', "''Roses''<ref>A book</ref>\n<references />")
    const { visualeditor: opened } = await ada.api(host, {
      ...{ action: 'visualeditor', paction: 'parse', page: 'Garden' },
    })
    expect(opened?.['result']).toBe('success')
    const html = opened?.['content'] as unknown as string
    expect(html).toMatch(/<i[^>]*>Roses<\/i>/)
    const { visualeditoredit: saved } = await ada.api(host, {
      ...{ action: 'visualeditoredit', paction: 'save', page: 'Garden' },
      html: html.replace('Roses', 'Tulips'),
      ...{
        etag: opened?.['etag'] as unknown as string,
        basetimestamp: opened?.['basetimestamp'] as unknown as string,
      },
      ...{ oldid: opened?.['oldid'] as unknown as string, token: await ada.token(host, 'csrf') },
    })
    expect(saved).toMatchObject({ result: 'success' })
    const { text } = await ada.get(host, '/index.php?title=Garden&action=raw')
    expect(text).toBe("''Tulips''<ref>A book</ref>\n<references />")
    expect((await ada.get(host, '/wiki/Garden')).text).toContain('veaction=edit')
  })

  test.each([
    ['en', 'This is the main page of a new wiki', 'ltr'],
    ['zh-hans', '这是新维基的首页', 'ltr'],
    ['ar', 'هذه هي الصفحة الرئيسية لويكي جديد', 'rtl'],
    // Where we have no words, MediaWiki has its own.
    ['de', 'MediaWiki wurde installiert', 'ltr'],
  ])('greets in %s on its main page', async (language, words, direction) => {
    const slug = `greets${language.slice(0, 2)}`
    await site.openWiki(slug, { WIKI_EXTRAS: 'true', WIKI_LANG: language })
    const { headers } = await site.visitor().get(hostOf(slug), '/')
    const path = new URL(String(headers['location'])).pathname
    const { text } = await site.visitor().get(hostOf(slug), path)
    expect(text).toContain(words)
    expect(text).toContain(`dir="${direction}"`)
    expect(text).not.toMatch(/⧼|wikistead-mainpage/)
  })
})
