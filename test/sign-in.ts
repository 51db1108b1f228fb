/** An API in process whose members sign in at a real provider. */
import type { ApiDeps } from '@wikistead/api'
import { startApiUnderTest, testPublicUrl, type ApiUnderTest } from './api-under-test.ts'
import { Browser, type Page } from './browser.ts'
import { startOidcProvider, type OidcClient, type OidcProviderForTests } from './oidc-provider.ts'

export const testClient: OidcClient = {
  ...{ id: 'wikistead', secret: 'the-secret-of-wikistead' },
  ...{ redirectUri: `${testPublicUrl}/auth/callback`, postLogoutRedirectUri: `${testPublicUrl}/` },
}

export interface SignInUnderTest extends AsyncDisposable {
  readonly provider: OidcProviderForTests
  readonly api: ApiUnderTest
  /** What makes another API that signs in there. */
  readonly settings: NonNullable<ApiDeps['provider']>
  /** A browser that the provider takes for that member. */
  browserOf(sub: string, at?: ApiUnderTest): Promise<Browser>
  /** The provider takes whoever sits there for that member from now on. */
  become(browser: Browser, sub: string): Promise<void>
}

/** The member `the-admin` is an admin by the settings. */
export async function startSignInUnderTest(deps: Partial<ApiDeps> = {}): Promise<SignInUnderTest> {
  await using started = new AsyncDisposableStack()
  const provider = started.use(await startOidcProvider([testClient]))
  const settings = {
    ...{
      issuer: provider.issuer,
      clientId: testClient.id,
      clientSecret: testClient.secret,
      name: 'Test login',
    },
    ...{ scopes: 'openid profile', adminSubjects: ['the-admin'] },
  }
  const api = started.use(await startApiUnderTest({ deps: { provider: settings, ...deps } }))
  const become = (browser: Browser, sub: string) =>
    browser.keep(`member=${encodeURIComponent(sub)}; Path=/`, provider.issuer)
  const running = started.move()
  return {
    ...{ provider, api, settings, become },
    async browserOf(sub, at = api) {
      const browser = new Browser(at, testPublicUrl)
      await become(browser, sub)
      return browser
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** As far as the provider's answer: the address of ours that it sends the browser to. */
export async function atCallback(browser: Browser, begin = '/auth/sign-in'): Promise<string> {
  const { headers } = await browser.ask('GET', begin)
  let page: Page = await browser.send(String(headers['location']))
  while (page.location !== undefined) {
    const url = new URL(page.location, page.url)
    if (url.origin === testPublicUrl) return url.pathname + url.search
    page = await browser.send(url.href)
  }
  throw new Error(`the provider stays at ${page.url}`)
}
