/** A real farm whose members sign in at a real OpenID provider. */
import { startOidcProvider, type OidcProviderForTests } from '@wikistead/test/oidc-provider'
import { freePort } from '../src/free-port.ts'
import { startFarmUnderTest, type FarmUnderTest } from './farm-under-test.ts'
import { Visitor, type Answer } from './visitor.ts'

export interface FarmWithProvider extends AsyncDisposable {
  readonly provider: OidcProviderForTests
  readonly running: FarmUnderTest
  /** The root site, whose session holds on every site below it. */
  readonly root: string
  /** A browser that this member is known to at the provider. Everybody has the same names: only the sub differs. */
  browserOf(sub: string): Promise<Visitor>
  signedIn(sub: string): Promise<Visitor>
}

export async function startFarmWithProvider(): Promise<FarmWithProvider> {
  await using started = new AsyncDisposableStack()
  const provider = started.use(await startOidcProvider())
  const port = await freePort()
  const publicUrl = `http://wiki.test:${port}`
  const { issuer } = provider
  const client = { id: 'wiki', secret: 'the-secret-of-the-wiki-client' }
  provider.serve([{ ...client, redirectUri: `${publicUrl}/auth/oauth2/callback`, isFarm: true }])
  const signIn = {
    ...{ clientId: client.id, clientSecret: client.secret },
    ...{ authorizationUrl: `${issuer}/auth?scope=openid`, tokenUrl: `${issuer}/token` },
    ...{ usernameField: 'token.preferred_username', displayNameField: 'token.name' },
  }
  const running = started.use(
    await startFarmUnderTest({
      port,
      adminSub: 'sub-of-the-operator',
      wikiDomains: [{ domain: 'wiki.test', publicUrl, signIn }],
    }),
  )
  const root = running.site('wiki.test')
  const browserOf = async (sub: string) => {
    const visitor = new Visitor()
    provider.describe(sub, { preferred_username: 'alice', name: 'Alice' })
    await visitor.keepCookie(`member=${sub}; Path=/`, issuer)
    return visitor
  }
  const kept = started.move()
  return {
    ...{ provider, running, root, browserOf },
    async signedIn(sub) {
      const visitor = await browserOf(sub)
      const done: Answer = await visitor.open(`${root}/auth/oauth2`)
      if (new URL(done.url).pathname !== '/auth/loginDone') {
        throw new Error(`${sub} was not signed in: ${done.status} ${done.url} ${done.body}`)
      }
      return visitor
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
