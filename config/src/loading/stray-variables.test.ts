import { expect, test } from 'vitest'
import { home, notesOf, problemsOf } from '../../test/loading.ts'
import { settings } from '../settings/settings.ts'

test.each([
  ['WIKIFARM_SERCH', 'WIKIFARM_SEARCH'],
  ['WIKISTEAD_PROT', 'WIKISTEAD_PORT'],
  ['TEMPORAL_ADRESS', 'TEMPORAL_ADDRESS'],
  ['REDIS_SERVR', 'REDIS_SERVER'],
  ['WIKSTEAD_LOG_LEVEL', 'WIKISTEAD_LOG_LEVEL'],
  ['WIKISTEAD_FEDWIKI_SYNC_ENABLE', 'WIKISTEAD_FEDWIKI_SYNC_ENABLED'],
  ['WIKISTEAD_STORE_PASSWORD_FIEL', 'WIKISTEAD_STORE_PASSWORD_FILE'],
  ['WIKISTEAD_TOKN', 'WIKISTEAD_TOKEN'],
  // The prefix that most have, and that some have not.
  ['FEDWIKI_SYNC_INTERVAL', 'WIKISTEAD_FEDWIKI_SYNC_INTERVAL'],
  ['WIKISTEAD_WIKIFARM_DIR', 'WIKIFARM_DIR'],
])('%s is told, and that %s is meant', (variable, meant) => {
  expect(notesOf({ env: { ...home, [variable]: 'a' } })).toEqual([
    `${variable} (environment): no setting; did you mean ${meant}?`,
  ])
})

test('what begins like ours and is like nothing is told as that', () => {
  expect(notesOf({ env: { ...home, WIKISTEAD_COLOUR_SCHEME: 'dark' } })).toEqual([
    'WIKISTEAD_COLOUR_SCHEME (environment): no setting; docs/configuration.md lists all',
  ])
})

test('what others use is none of our business, nor is an empty variable', () => {
  const env = {
    ...{ TEMPORAL_PROFILE: 'a', TEMPORAL_API_KEY: 'a', TEMPORAL_TLS: 'true', TEMPORAL_CONFIG_FILE: '/a' },
    ...{ TEMPORAL_TLS_SERVER_NAME: 'a', TEMPORAL_GRPC_META_TEAM: 'a', TEMPORAL_CODEC_AUTH: 'a' },
    ...{ TEMPORAL_CLI_SHOW_STACKS: '1', REDIS_URL: 'a', WIKI_DB_NAME: 'a', FEDWIKI_HOME: '/srv' },
    ...{ WIKISTEAD_SERVICE_HOST: '10.0.0.1', WIKISTEAD_SERVICE_PORT_HTTP: '8410' },
    ...{ WIKISTEAD_PORT_8410_TCP_ADDR: '10.0.0.1', WIKISTEAD_PROT: '', PATH: '/bin', LANG: 'C' },
    ...{ WIKISTEAD_API: 'http://127.0.0.1:1', WIKISTEAD_TOKEN: 'a', WIKISTEAD_MEDIAWIKI: '/a' },
  }
  expect(notesOf({ env: { ...home, ...env } })).toEqual([])
})

test('no setting of ours is a stray', () => {
  const names: Record<string, string> = {}
  for (const { env } of settings) names[env] = 'nonsense'
  const strays = problemsOf({ env: { ...home, ...names } })
  expect(strays.filter((line) => line.includes('no setting'))).toEqual([])
})

test('a variable that was mistyped is told beside what is missing for it, and never its value', () => {
  const env = {
    ...home,
    WIKISTEAD_FEDWIKI_CUSTOM_DOMAIN_SECRT: 'hunter2',
    WIKISTEAD_FEDWIKI_CUSTOM_DOMAINS: 'true',
  }
  expect(problemsOf({ env })).toEqual([
    'fedwiki-custom-domain-secret: missing, and fedwiki-custom-domains is on: set it to what `openssl rand -hex 32` prints',
    'WIKISTEAD_FEDWIKI_CUSTOM_DOMAIN_SECRT (environment): no setting; did you mean WIKISTEAD_FEDWIKI_CUSTOM_DOMAIN_SECRET?',
  ])
})
