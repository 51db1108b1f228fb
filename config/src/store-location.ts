import { Secret } from './secret.ts'

/** Where the store is: one file, or a MariaDB database by host and port or by its socket. */
export type StoreLocation =
  | { readonly engine: 'sqlite'; readonly filename: string }
  | {
      readonly engine: 'mariadb'
      readonly user: string
      readonly password?: Secret
      readonly database: string
      readonly host?: string
      readonly port?: number
      readonly socketPath?: string
    }

/**
 * Reads `sqlite:PATH` or `mariadb://user[:password]@host[:port]/database[?socket=PATH]`; a socket goes before
 * host and port. @throws Error whose message says how to write it, without what was given
 */
export function parseStoreUrl(text: string): StoreLocation {
  if (text.startsWith('sqlite:')) {
    const filename = text.slice('sqlite:'.length)
    if (filename === '' || filename.startsWith('//')) throw new Error('write sqlite: and a path after it')
    return Object.freeze({ engine: 'sqlite', filename })
  }
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'mariadb:') {
    throw new Error('write sqlite:PATH or mariadb://user:password@host:port/database')
  }
  const user = decoded(url.username)
  const database = decoded(url.pathname.slice(1))
  if (user === '') throw new Error('the user is missing: mariadb://user@host/database')
  if (!/^[\w$-]{1,64}$/.test(database)) {
    throw new Error('the database is missing or no plain name: mariadb://user@host/database')
  }
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'socket')
  if (unknown !== undefined) throw new Error('only ?socket=PATH may follow the database')
  const socketPath = url.searchParams.get('socket')
  if (socketPath !== null && !socketPath.startsWith('/')) throw new Error('socket is an absolute path')
  if (socketPath === null && url.hostname === '') {
    throw new Error('the host is missing: mariadb://user@host/database')
  }
  return Object.freeze({
    engine: 'mariadb',
    user,
    database,
    ...(url.password !== '' && { password: new Secret(decoded(url.password)) }),
    ...(socketPath === null
      ? { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? 3306 : Number(url.port) }
      : { socketPath }),
  })
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Error('a % in the user, password or database is written %25')
  }
}
