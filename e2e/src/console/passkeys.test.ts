/** Passkeys and second factors in a real browser, with its virtual authenticator. */
import { chooseFreePort } from '@wikistead/processes'
import { startStack, type Stack } from '@wikistead/test/stack'
import { Secret, TOTP } from 'otpauth'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectAccessible, keepScreenshot, launchBrowser, visitor } from '../../test/console-browser.ts'

const started = new AsyncDisposableStack()
let stack: Stack
let browser: Browser
let url: string

beforeAll(async () => {
  const port = String(await chooseFreePort('127.0.0.1'))
  // Authenticators know names, and no addresses.
  url = `http://localhost:${port}`
  const settings = { port, console: 'true', 'public-url': url, 'accounts-sign-up': 'open' }
  stack = started.use(await startStack({ settings, run: ['api'] }))
  browser = await launchBrowser()
  started.defer(() => browser.close())
})
afterAll(() => started.disposeAsync())

const password = 'seven owls at noon'

/** A device with a lock that its owner opens. */
async function authenticator(page: Page): Promise<CDPSession & { id: string }> {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId: id } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
      ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    },
  })
  return Object.assign(session, { id })
}

const atHome = (page: Page) => page.getByRole('heading', { level: 1, name: 'My wikis' }).waitFor()

async function joins(page: Page, name: string): Promise<void> {
  await page.goto('/join')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('New password').fill(password)
  await page.getByRole('button', { name: 'Make my account' }).click()
  await atHome(page)
}

async function leaves(page: Page): Promise<void> {
  await page.goto('/account')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.waitForURL(`${url}/`)
  await page.goto('/sign-in')
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel('Name or mail address').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

test('a passkey is made, signs in, and is taken away; a device that shows nobody signs nobody in', async () => {
  await using ada = await visitor(browser, url)
  const { page } = ada
  const device = await authenticator(page)
  await joins(page, 'Ada')
  await page.goto('/account')
  await page.getByLabel('What you call it').fill('My laptop')
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByText('My laptop', { exact: true }).waitFor()
  await expectAccessible(page, 'account with a passkey')
  await keepScreenshot(page, 'account-passkey')
  // The same device has one already.
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByText('No passkey was used').waitFor()

  await leaves(page)
  await device.send('WebAuthn.setUserVerified', { authenticatorId: device.id, isUserVerified: false })
  await page.getByRole('button', { name: 'Sign in by a passkey' }).click()
  await page.getByText('No passkey was used').waitFor()
  await device.send('WebAuthn.setUserVerified', { authenticatorId: device.id, isUserVerified: true })
  await page.getByRole('button', { name: 'Sign in by a passkey' }).click()
  await atHome(page)

  await page.goto('/account')
  await page.getByText('Last used on').waitFor()
  await page.getByRole('button', { name: 'Remove the passkey My laptop' }).click()
  await page.getByText('You have none yet.').waitFor()
  await leaves(page)
  await page.getByRole('button', { name: 'Sign in by a passkey' }).click()
  await page.getByText('This passkey signs in to no account here').first().waitFor()
  expect(ada.complaints).toEqual([])
})

test('somebody joins by a passkey alone, and keeps the last way in', async () => {
  await using bob = await visitor(browser, url)
  const { page } = bob
  await authenticator(page)
  await page.goto('/join')
  await page.getByLabel('Name', { exact: true }).fill('Bob')
  await page.getByRole('button', { name: 'Make it with a passkey instead' }).click()
  await atHome(page)
  await leaves(page)
  await page.getByRole('button', { name: 'Sign in by a passkey' }).click()
  await atHome(page)
  await page.goto('/account')
  await page.getByRole('button', { name: /^Remove the passkey/ }).click()
  await page.getByText('You would sign in by nothing then.').first().waitFor()
  const account = await stack.store.accounts.byName('Bob')
  expect([account?.password_hash, (await stack.store.passkeys.of(account?.user_id ?? 0)).length]).toEqual([
    null,
    1,
  ])
  expect(bob.complaints).toEqual([])
})

test('what a passkey signed counts once, in its own browser, for its own purpose', async () => {
  await using cleo = await visitor(browser, url)
  const { page } = cleo
  await authenticator(page)
  await joins(page, 'Cleo')
  await page.goto('/account')
  await page.getByRole('button', { name: 'Make a passkey' }).click()
  await page.getByRole('button', { name: /^Remove the passkey/ }).waitFor()
  await leaves(page)
  const sent = page.waitForRequest('**/auth/passkey')
  await page.getByRole('button', { name: 'Sign in by a passkey' }).click()
  const body: unknown = (await sent).postDataJSON()
  await atHome(page)
  await leaves(page)
  const replay = async (by: Page) => {
    const answer = await by.request.post('/auth/passkey', { data: body })
    return [answer.status(), ((await answer.json()) as { code: string }).code]
  }
  expect(await replay(page)).toEqual([400, 'passkey_invalid'])
  await using eve = await visitor(browser, url)
  await eve.page.goto('/sign-in')
  expect(await replay(eve.page)).toEqual([400, 'passkey_invalid'])
  // Begun in one browser, and answered in another.
  const begun = await page.request.post('/auth/passkey/options')
  const { options } = (await begun.json()) as { options: { challenge: string } }
  const { response } = body as { response: { response: { clientDataJSON: string } } }
  const forged = Buffer.from(
    JSON.stringify({ type: 'webauthn.get', challenge: options.challenge, origin: url }),
  )
  const data = {
    response: {
      ...response,
      response: { ...response.response, clientDataJSON: forged.toString('base64url') },
    },
  }
  for (const by of [eve.page, page, page]) {
    const answer = await by.request.post('/auth/passkey', { data })
    expect(((await answer.json()) as { code: string }).code).toBe('passkey_invalid')
  }
})

test('a second factor is turned on, asked for after the password, and a recovery code stands in for it once', async () => {
  await using dora = await visitor(browser, url)
  const { page } = dora
  await joins(page, 'Dora')
  await page.goto('/account')
  await page.getByRole('button', { name: 'Set it up' }).click()
  const secret = (await page.getByLabel('Secret for the app').textContent()) ?? ''
  const code = (steps = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 })
  await expectAccessible(page, 'setting a second factor up')
  const turnOn = async (typed: string) => {
    await page.getByLabel('Code of the app').fill(typed)
    await page.getByRole('button', { name: 'Turn it on' }).click()
  }
  await turnOn('000000')
  await page.getByText('This code is not right').first().waitFor()
  const first = code()
  await turnOn(first)
  const codes = ((await page.getByLabel('Recovery codes').textContent()) ?? '').split('\n')
  expect(codes).toHaveLength(10)
  await expectAccessible(page, 'recovery codes')
  await keepScreenshot(page, 'account-recovery-codes')
  await page.reload()
  await page.getByText('You have 10 recovery codes left.').waitFor()
  expect(await page.content()).not.toContain(codes[0])

  const send = async (typed: string) => {
    await page.getByLabel('Code', { exact: true }).fill(typed)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }
  const wrong = () => page.getByText('or was used before').first().waitFor()
  await leaves(page)
  await signIn(page, 'Dora')
  await page.getByLabel('Code', { exact: true }).waitFor()
  await expectAccessible(page, 'asked for the second factor')
  await keepScreenshot(page, 'sign-in-code')
  await send(first)
  await wrong()
  await send(code(1))
  await atHome(page)
  await leaves(page)
  await signIn(page, 'Dora')
  await send(codes[0] ?? '')
  await atHome(page)
  await leaves(page)
  await signIn(page, 'Dora')
  await send(codes[0] ?? '')
  await wrong()
  expect(dora.complaints).toEqual([])
})
