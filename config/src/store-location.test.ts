import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseStoreUrl } from './store-location.ts'

test('any user and password come back from a MariaDB address', () => {
  const anyText = fc.string({ unit: 'binary', minLength: 1 })
  fc.assert(
    fc.property(anyText, anyText, (user, password) => {
      const url = `mariadb://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db.example.org/farm`
      const location = parseStoreUrl(url)
      expect(location).toMatchObject({ engine: 'mariadb', user, host: 'db.example.org', port: 3306 })
      expect(location.engine === 'mariadb' && location.password?.reveal()).toBe(password)
    }),
  )
})

test('a socket goes before host and port', () => {
  expect(parseStoreUrl('mariadb://wiki@localhost:3307/farm?socket=/run/my%20sql.sock')).toEqual({
    engine: 'mariadb',
    user: 'wiki',
    database: 'farm',
    socketPath: '/run/my sql.sock',
  })
})

test('a host may be an IPv6 address', () => {
  expect(parseStoreUrl('mariadb://wiki@[::1]:3307/farm')).toMatchObject({ host: '::1', port: 3307 })
})

test('what is left out or does not belong is refused, and never repeated', () => {
  const wrong = [
    'postgres://hunter2@host/farm',
    'mariadb://host/hunter2',
    'mariadb://hunter2@host',
    'mariadb://hunter2@host/farm?ssl=1',
    'mariadb://hunter2@host/farm?socket=relative',
    'mariadb://hunter2@host/a/b',
    'mariadb://hunter2%@host/farm',
    'mariadb://hunter2@host:99999/farm',
    'sqlite:',
    'sqlite://hunter2',
    'hunter2',
    '',
  ]
  for (const url of wrong) {
    expect(() => parseStoreUrl(url), url).toThrow(/^(?!.*hunter2)/)
  }
})
