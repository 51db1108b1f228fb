import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { farmConfig, farmPaths } from './farm-config.ts'

const settings = {
  folder: '/farm',
  packageFolder: '/packages',
  port: 4000,
  adminHost: 'farm-admin.wiki.test',
  adminToken: 'the token',
  sessionSecret: 'the secret',
}
const signIn = {
  clientId: 'wiki',
  clientSecret: 'client secret',
  authorizationUrl: 'https://id.test/auth?scope=openid',
  tokenUrl: 'https://id.test/token',
}

test('a farm serves loopback and existing sites only, and knows the admin token by its hash', () => {
  expect(farmConfig(settings)).toEqual({
    farm: true,
    host: '127.0.0.1',
    port: 4000,
    data: '/farm/sites',
    commons: '/farm/commons',
    packageDir: '/packages',
    allowed: '*',
    security_type: 'wikistead',
    cookieSecret: 'the secret',
    wikistead: {
      adminHost: 'farm-admin.wiki.test',
      adminTokenHash: `sha256:${createHash('sha256').update('the token').digest('hex')}`,
    },
  })
})

test('whoever signs in is known by their sub', () => {
  const domain = { domain: 'wiki.test', publicUrl: 'http://wiki.test:8080', signIn }
  expect(farmConfig({ ...settings, wikiDomains: [domain] })['wikiDomains']).toEqual({
    'wiki.test': {
      url: 'http://wiki.test:8080',
      oauth2_clientID: 'wiki',
      oauth2_clientSecret: 'client secret',
      oauth2_AuthorizationURL: 'https://id.test/auth?scope=openid',
      oauth2_TokenURL: 'https://id.test/token',
      oauth2_IdField: 'token.sub',
      oauth2_UsernameField: 'token.sub',
      oauth2_DisplayNameField: 'token.sub',
    },
  })
})

test('a domain behind https has cookies for https only', () => {
  const domain = { domain: 'wiki.test', publicUrl: 'https://wiki.test' }
  expect(farmConfig({ ...settings, wikiDomains: [domain] })['wikiDomains']).toEqual({
    'wiki.test': { url: 'https://wiki.test', security_useHttps: true, secure_cookie: true },
  })
})

test('an admin host outside the domains is served all the same', () => {
  const domain = { domain: 'other.test', publicUrl: 'http://other.test' }
  const { wikiDomains } = farmConfig({ ...settings, wikiDomains: [domain] })
  expect(wikiDomains).toEqual({ 'other.test': { url: 'http://other.test' }, 'farm-admin.wiki.test': {} })
})

test('the options that are not given are not there', () => {
  const options = { adminSub: 'alice', ownerLinkKey: 'key', allowedNetworks: ['10.1.0.0/16'] }
  expect(farmConfig({ ...settings, ...options })).toMatchObject({
    admin: { oauth2: 'alice' },
    wikistead: { ownerLinkKey: 'key', allowedNetworks: ['10.1.0.0/16'] },
  })
  expect(Object.keys(farmConfig(settings))).not.toContain('admin')
})

test('nothing private lies among the sites', () => {
  const { sites, ...others } = farmPaths('/farm')
  for (const path of Object.values(others)) expect(path.startsWith(`${sites}/`)).toBe(false)
})
