import { expect, test } from 'vitest'
import { file, home, load, problemsOf } from '../../test/loading.ts'

/** As the machines of one farm share it; each has only the secrets of what it runs. */
const shared = () =>
  file(
    [
      'fedwiki-farm-url: http://farm.example.org:3000',
      'fedwiki-parent-domain: wiki.example.org',
      'fedwiki-admin-token-file: /nowhere/farm-token',
      'fedwiki-custom-domains: true',
      'oidc-issuer: https://login.example.org',
      'oidc-client-id: wikistead',
      'oidc-client-secret-file: /nowhere/oidc-secret',
      'host: 0.0.0.0',
      'public-url: https://wikis.example.org',
      'wikifarm-dir: /srv/wikis',
      'wiki-root-host: wikis.example.org',
      'wiki-db-admin-password-file: /nowhere/db-password',
      'log-level: info',
    ].join('\n'),
  )

const named = (lines: readonly string[]) => lines.map((line) => line.split(' ')[0]?.replace(/:$/, ''))

test('whoever runs everything needs everything', () => {
  expect(named(problemsOf({ env: home, file: shared() }))).toEqual([
    ...['oidc-client-secret', 'fedwiki-admin-token', 'wiki-db-admin-password'],
    ...['fedwiki-custom-domain-secret', 'wikifarm-oauth-dir', 'wikifarm-template', 'wiki-db-host'],
    ...['wiki-db-admin-user', 'wikifarm-instance'],
  ])
})

test('a command that uses none of it needs none of it', () => {
  expect(problemsOf({ file: shared(), uses: [] })).toEqual([])
  expect(load({ file: shared(), uses: [] })).toMatchObject({ wikifarmDir: '/srv/wikis', logLevel: 'info' })
})

test('a host of MediaWiki wikis needs no secret of FedWiki or of the sign-in, and an API none of a host', () => {
  const host = ['store', 'temporal', 'redis', 'mediawiki', 'mediawiki-host', 'hub'] as const
  expect(named(problemsOf({ file: shared(), uses: host }))).toEqual([
    ...['wiki-db-admin-password', 'wikifarm-oauth-dir', 'wikifarm-template', 'wiki-db-host'],
    ...['wiki-db-admin-user', 'wikifarm-instance'],
  ])
  const api = ['api', 'store', 'temporal', 'redis', 'fedwiki', 'mediawiki', 'hub'] as const
  expect(named(problemsOf({ file: shared(), uses: api }))).toEqual([
    ...['oidc-client-secret', 'fedwiki-admin-token', 'fedwiki-custom-domain-secret'],
  ])
})

test('what is no value at all is told to everybody', () => {
  expect(named(problemsOf({ flags: { fedwikiSiteLimit: 'many' }, uses: [] }))).toEqual(['fedwiki-site-limit'])
})
