/** A founder on a farm with a hub, and what she would do to the accounts that her wiki shares. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { modulesOfOneWiki, pagesOfOneWiki, rightsOfOneWiki } from '../test/of-one-wiki.ts'
import { env, run, type TestWiki } from '../test/test-farm.ts'
import { hostOf, startTestSite, type TestSite } from '../test/test-site.ts'
import type { Answer, Visitor } from '../test/visitor.ts'

const started = new AsyncDisposableStack()
const host = hostOf('child')
const password = 'a long password'
let site: TestSite
let hub: TestWiki
let child: TestWiki
let mallory: Visitor
let hal: Visitor

beforeAll(async () => {
  site = started.use(await startTestSite())
  hub = await site.openWiki('hub')
  child = await site.openWiki('child', { WIKI_SHARED_DB_NAME: hub.database })
  await hub.maintenance('createAndPromote', '--sysop', '--bureaucrat', 'Hal', password)
  await hub.maintenance('createAndPromote', 'Mallory', password)
  // More than any founder is given.
  const groups = 'member,interface-admin,suppress,bot'
  await child.maintenance(
    'createAndPromote',
    '--force',
    '--sysop',
    '--bureaucrat',
    '--custom-groups',
    groups,
    'Mallory',
  )
  mallory = site.visitor()
  hal = site.visitor()
  // The hub's administrator reads her wiki, and is signed in there.
  for (const [visitor, name] of [
    [mallory, 'Mallory'],
    [hal, 'Hal'],
  ] as const) {
    expect(await visitor.signIn(host, name, password)).toMatchObject({ clientlogin: { status: 'PASS' } })
  }
})
afterAll(() => started.disposeAsync())

interface Accounts {
  readonly rights: readonly string[]
  readonly pages: readonly string[]
  readonly canCreate: boolean
  readonly canChange: boolean
}

async function accountsOf(wiki: TestWiki): Promise<Accounts> {
  const { stdout } = await wiki.maintenance(
    fileURLToPath(new URL('../test/tellAccounts.php', import.meta.url)),
  )
  return JSON.parse(stdout) as Accounts
}

const hubsRights =
  `autocreateaccount createaccount renameuser editmyprivateinfo viewmyprivateinfo editsitejs edituserjs
  editmyuserjs editmyuserjsredirect userrights userrights-interwiki hideuser suppressrevision suppressionlog viewsuppressed
  siteadmin`.split(/\s+/)
const hubsPages =
  `ChangeCredentials ChangeEmail ChangePassword Confirmemail CreateAccount Invalidateemail LinkAccounts
  PasswordReset RemoveCredentials Renameuser ResetTokens UnlinkAccounts`.split(/\s+/)
const hubsModules =
  'changeauthenticationdata createaccount linkaccount removeauthenticationdata resetpassword unlinkaccount'.split(
    ' ',
  )

const locationOf = ({ headers }: Answer): string => new URL(String(headers['location'])).pathname

const unknownOf = (all: readonly string[], ...known: (readonly string[])[]) =>
  all.filter((name) => !known.flat().includes(name))

test('every right of MediaWiki is the wiki’s alone, or nobody’s there, whatever groups they are in', async () => {
  const { rights } = await accountsOf(child)
  expect(unknownOf(rights, rightsOfOneWiki, hubsRights)).toEqual([])
  expect(unknownOf(hubsRights, rights)).toEqual([])
  const who = { action: 'query', meta: 'userinfo', uiprop: 'groups|rights' }
  const { query } = (await mallory.api(host, who)) as unknown as {
    query: { userinfo: { groups: string[]; rights: string[] } }
  }
  const { groups, rights: hers } = query.userinfo
  expect(groups).toEqual(expect.arrayContaining(['bureaucrat', 'interface-admin', 'suppress', 'sysop']))
  expect(hers.filter((right) => hubsRights.includes(right))).toEqual([])
  expect(hers).toEqual(expect.arrayContaining(['block', 'delete', 'editinterface', 'editsitecss', 'protect']))
})

test('every special page is the wiki’s alone, or leads to the hub', async () => {
  const { pages } = await accountsOf(child)
  expect(unknownOf(pages, pagesOfOneWiki, hubsPages)).toEqual([])
  expect(unknownOf(hubsPages, pages)).toEqual([])
  for (const name of hubsPages) {
    const asked = await hal.get(host, `/wiki/Special:${name}`)
    // Some go by another spelling.
    const page = asked.status === 302 ? await hal.get(host, locationOf(asked)) : asked
    expect([name, page.status]).toEqual([name, 403])
    expect(page.text).toMatch(new RegExp(`href="http://[^"]*hub\\.wikis\\.example/wiki/Special:${name}"`))
  }
})

test('every module of the API is the wiki’s alone, or refuses', async () => {
  const { paraminfo } = (await hal.api(host, { action: 'paraminfo', modules: 'main' })) as unknown as {
    paraminfo: { modules: { parameters: { name: string; type: string[] }[] }[] }
  }
  const modules = paraminfo.modules[0]?.parameters.find(({ name }) => name === 'action')?.type ?? []
  expect(unknownOf(modules, modulesOfOneWiki, hubsModules)).toEqual([])
  expect(unknownOf(hubsModules, modules)).toEqual([])
  for (const action of hubsModules) {
    const token = await hal.token(host, 'csrf')
    expect([action, await hal.api(host, { action, token })]).toMatchObject([
      action,
      { error: { code: expect.stringMatching(/^hub-only$|^missingparam$|^mustbeposted$/) as string } },
    ])
  }
})

/** The hub's rows of both. */
async function accounts(): Promise<unknown> {
  return hub.query('SELECT user_name, user_password, user_newpassword, user_email, user_token FROM user')
}

test('what JavaScript of hers would ask for in his session changes nothing of his account', async () => {
  const before = await accounts()
  const token = await hal.token(host, 'csrf')
  const wanted = { password: 'hers from now on', retype: 'hers from now on' }
  const request = 'MediaWiki\\Auth\\PasswordAuthenticationRequest'
  const calls = [
    { action: 'changeauthenticationdata', changeauthrequest: request, changeauthtoken: token, ...wanted },
    { action: 'removeauthenticationdata', request, token },
    { action: 'resetpassword', user: 'Hal', token },
    {
      action: 'createaccount',
      createreturnurl: `http://${host}/`,
      createtoken: token,
      username: 'Eve',
      ...wanted,
    },
  ]
  for (const call of calls) expect(await hal.api(host, call)).toMatchObject({ error: {} })
  const forms: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    [`Special:ChangeCredentials/${request}`, { wpEditToken: token, wpAuthToken: token, ...wanted }],
    [
      'Special:ChangeEmail',
      { wpEditToken: token, wpNewEmail: 'mallory@evil.example', NewEmail: 'mallory@evil.example' },
    ],
    ['Special:PasswordReset', { wpEditToken: token, wpUsername: 'Hal' }],
    ['Special:CreateAccount', { wpCreateaccountToken: token, wpName: 'Eve', wpPassword: 'x', wpRetype: 'x' }],
    ['Special:ResetTokens', { wpEditToken: token, 'wptokens[]': 'watchlisttoken' }],
  ]
  for (const [title, form] of forms) {
    const answer = await hal.post(
      host,
      `/index.php?title=${encodeURIComponent(title)}`,
      new URLSearchParams(form),
    )
    expect([title, answer.status]).toEqual([title, 403])
  }
  expect(await accounts()).toEqual(before)
  // Below all pages and modules: whatever else asks for it.
  expect(await accountsOf(child)).toMatchObject({ canCreate: false, canChange: false })
  expect(await accountsOf(hub)).toMatchObject({ canCreate: true, canChange: true })
})

test('she renames nobody, and makes herself and others nothing but what is her wiki’s', async () => {
  const before = await accounts()
  const token = await mallory.token(host, 'csrf')
  const renaming = new URLSearchParams({
    oldusername: 'Hal',
    newusername: 'Hal is gone',
    wpEditToken: token,
    token,
  })
  expect((await mallory.post(host, '/index.php?title=Special:Renameuser', renaming)).status).toBe(403)
  const rightsToken = async () => {
    const { query } = (await mallory.api(host, {
      action: 'query',
      meta: 'tokens',
      type: 'userrights',
    })) as unknown as {
      query: { tokens: { userrightstoken: string } }
    }
    return query.tokens.userrightstoken
  }
  const give = async (user: string, group: string) => {
    const asked = { action: 'userrights', user, add: group, token: await rightsToken() }
    const { userrights } = (await mallory.api(host, asked)) as { userrights?: { added: string[] } }
    return userrights?.added ?? []
  }
  for (const group of ['interface-admin', 'suppress', 'checkuser', 'steward']) {
    expect([group, await give('Hal', group)]).toEqual([group, []])
  }
  expect(await give('Hal', 'sysop')).toEqual(['sysop'])
  expect(await hub.query('SELECT ug_group FROM user_groups ORDER BY ug_group')).toHaveLength(2)
  expect(await accounts()).toEqual(before)
})

test('nobody’s JavaScript runs on her wiki’s pages until an operator allows it knowingly', async () => {
  const evil = 'fetch("/wiki/Special:ChangeCredentials")'
  expect(await mallory.edit(host, 'MediaWiki:Common.js', evil)).toMatchObject({ error: {} })
  expect(await mallory.edit(host, 'User:Mallory/common.js', evil)).toMatchObject({ error: {} })
  // As one that was there before.
  const common = join(child.folder, 'common.js')
  await writeFile(common, evil)
  const edit = `php maintenance/run edit --user Mallory MediaWiki:Common.js < ${common}`
  await run('sh', ['-c', edit], { cwd: child.folder, env })
  const isRun = async () =>
    (await hal.get(host, '/load.php?modules=site&only=scripts&debug=1')).text.includes('ChangeCredentials')
  expect(await isRun()).toBe(false)
  await writeFile(join(child.folder, 'FarmSettings.php'), '<?php $wgUseSiteJs = true;')
  expect(await isRun()).toBe(true)
})
