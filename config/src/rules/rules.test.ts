import { describe, expect, test } from 'vitest'
import { given, load, problemsOf } from '../../test/loading.ts'

describe('what hangs on other settings', () => {
  const farm = { fedwikiFarmUrl: 'https://farm.example.org/', fedwikiParentDomain: 'wiki.example.org' }

  test("an outside farm gives the admin host, and https to its sites' addresses", () => {
    expect(load({ flags: farm })).toMatchObject({
      fedwikiFarmUrl: 'https://farm.example.org',
      fedwikiAdminHost: 'farm.example.org',
      fedwikiSiteUrl: 'https://{domain}',
    })
    expect(load({ flags: { ...farm, fedwikiFarmUrl: 'http://127.0.0.1:80' } }).fedwikiAdminHost).toBe(
      'admin.wiki.example.org',
    )
  })

  const provider = { oidcIssuer: 'https://login.example.org/realms/x/', oidcClientId: 'wikistead' }

  test.each([
    [{ fedwikiFarmUrl: 'http://127.0.0.1' }, /^fedwiki-parent-domain: missing/],
    [{ fedwikiCustomDomains: true }, /^fedwiki-custom-domain-secret: missing/],
    [{ ...farm, fedwikiSiteUrl: 'http://{domain}:{port}' }, /^fedwiki-site-url: \{port\}/],
    [{ mediawikiWikiUrl: 'http://{domain}:{port}' }, /^mediawiki-wiki-url: \{port\}/],
    [{ port: 8420 }, /^fedwiki-farm-port: port is the same/],
    [{ temporalPort: 8420 }, /^temporal-port: /],
    [
      { fedwikiSyncEnabled: true, fedwikiSyncDefaultUserId: 1, fedwikiEmbeddedFarm: false },
      /^fedwiki-sync-enabled: there is no farm/,
    ],
    [{ accounts: false, host: '0.0.0.0' }, /^host: only 127\.0\.0\.1.*set oidc-issuer and oidc-client-id/],
    [{ host: '0.0.0.0' }, /^public-url: missing/],
    [{ host: '0.0.0.0', publicUrl: 'http://wikis.example.org' }, /^public-url: an https/],
    [{ accountsSignUp: 'example.org' }, /^accounts-sign-up: domains/],
    [{ accountsSignUp: 'open,example.org' }, /^accounts-sign-up .*stands alone/],
    [{ accountsSignUp: 'everybody' }, /^accounts-sign-up /],
    [{ smtpServer: 'smtps://smtp.example.org' }, /^smtp-from: missing/],
    [{ smtpFrom: 'w@example.org' }, /^smtp-server: missing/],
    [
      { smtpServer: 'smtp://u:p@smtp.example.org', smtpFrom: 'w@example.org' },
      /^smtp-server .*settings of their own/,
    ],
    [{ ...provider, accounts: true }, /^accounts: not beside oidc-issuer/],
    [
      { accounts: false, host: 'wikis.example.org', publicUrl: 'https://wikis.example.org' },
      /^host: only 127/,
    ],
    [{ ...provider, host: '::' }, /^public-url: missing/],
    [{ oidcIssuer: 'https://login.example.org' }, /^oidc-client-id: missing/],
    [{ oidcClientId: 'wikistead' }, /^oidc-issuer: missing/],
    [{ temporalTlsCert: 'ours.pem' }, /^temporal-tls-key: missing/],
    [{ temporalTlsKey: 'ours.key' }, /^temporal-tls-cert: missing/],
    [{ temporalTls: false, temporalTlsCa: 'ca.pem' }, /^temporal-tls: false, and other settings/],
    [{ temporalMetricsPort: 9464, workerMetricsPort: 9464 }, /^temporal-metrics-port: /],
    [{ oidcAdminSubjects: 'ada' }, /^oidc-issuer: missing/],
    [{ ...provider, oidcIssuer: 'http://login.example.org' }, /^oidc-issuer .*an https:/],
    [{ ...provider, oidcIssuer: 'https://login.example.org/?tenant=1' }, /^oidc-issuer .*an https:/],
  ])('%j is refused', (flags, expected) => {
    const problems = problemsOf(given(flags))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  test.each([
    [{ port: 0, fedwikiFarmPort: 0, temporalPort: 0 }],
    [{ ...farm, port: 8420 }],
    [{ ...provider, host: '0.0.0.0', publicUrl: 'https://wikis.example.org' }],
    [{ host: '0.0.0.0', publicUrl: 'https://wikis.example.org' }],
    [{ accounts: true }],
    [
      {
        ...{ accountsSignUp: 'example.org, example.net', smtpServer: 'smtps://smtp.example.org' },
        smtpFrom: 'w@example.org',
      },
    ],
    [{ accountsSignUp: 'open' }],
    [provider],
    [{ ...provider, oidcIssuer: 'http://127.0.0.1:9000', oidcAdminSubjects: 'ada,bob' }],
    [{ ...provider, oidcIssuer: 'http://[::1]:9000' }],
    [{ temporalTlsCert: 'ours.pem', temporalTlsKey: 'ours.key', temporalTlsCa: 'ca.pem' }],
    [{ temporalTls: false, temporalApiKey: 'a-token' }],
    [{ temporalPort: 8410, temporalAddress: 'temporal.example.org:7233' }],
  ])('%j is fine', (flags) => {
    expect(problemsOf(given(flags))).toEqual([])
  })

  test('a setting that is wrong itself is not called missing as well', () => {
    const flags = { fedwikiSyncEnabled: true, fedwikiSyncDefaultUserId: 'ada' }
    expect(problemsOf({ flags })).toHaveLength(1)
  })
})
