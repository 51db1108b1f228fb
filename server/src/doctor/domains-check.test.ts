import { expect, test } from 'vitest'
import { checkDomains } from './domains-check.ts'

const config = {
  publicUrl: 'https://farm.example.net',
  wikifarmDir: '/srv/wikis',
  wikiRootHost: 'wikis.example.org',
  fedwikiFarmUrl: undefined,
  fedwikiEmbeddedFarm: true,
  fedwikiParentDomain: 'sites.example.org',
}

test.each([
  ['a domain of its own', {}, true],
  ['no address', { publicUrl: undefined }, true],
  ['an address of this machine', { publicUrl: 'http://127.0.0.1:8410' }, true],
  ['a sister of the wikis', { publicUrl: 'https://console.example.org' }, false],
  ['above the wikis', { publicUrl: 'https://example.org' }, false],
  ['below them', { publicUrl: 'https://console.wikis.example.org' }, false],
  ['one that only looks alike', { publicUrl: 'https://notexample.org' }, true],
  ['a sister below a public suffix', { publicUrl: 'https://a.co.uk', wikiRootHost: 'b.co.uk' }, true],
  ['a sister below a private one', { publicUrl: 'https://a.github.io', wikiRootHost: 'b.github.io' }, true],
  ['FedWiki alone', { publicUrl: 'https://x.example.org', wikifarmDir: undefined }, false],
  [
    'no engine',
    { publicUrl: 'https://x.example.org', wikifarmDir: undefined, fedwikiEmbeddedFarm: false },
    true,
  ],
] as const)('the console and its wikis: %s', (_what, change, ok) => {
  expect(checkDomains({ ...config, ...change })).toMatchObject({ ok, needed: ok })
})
