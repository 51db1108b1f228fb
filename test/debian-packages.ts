/** The servers and the browser that the tests run against come from Debian. */
import { execFileSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'

/** What not every test needs: a program of it → the package. */
const more = {
  postgresql: '/usr/lib/postgresql/*/bin/initdb',
  haproxy: '/usr/sbin/haproxy',
}

/** Command → the package that holds it; the `-core` one starts no service. */
const packages = {
  mariadbd: 'mariadb-server-core',
  // Which mariadb-install-db asks, and the server’s package does not bring.
  my_print_defaults: 'mariadb-client-core',
  'redis-server': 'redis-server',
  chromium: 'chromium',
  dockerd: 'docker.io',
  php: 'php-cli',
  openssl: 'openssl',
  phpunit: 'phpunit',
  // A process whose clock is wrong.
  faketime: 'faketime',
  phpcs: 'php-codesniffer',
}

/** PHP extension → the package that holds it; MediaWiki needs them, Redis where a farm has one. */
const phpPackages = {
  mysqli: 'php-mysql',
  intl: 'php-intl',
  mbstring: 'php-mbstring',
  xml: 'php-xml',
  gd: 'php-gd',
  redis: 'php-redis',
  // Where a farm searches with CirrusSearch.
  curl: 'php-curl',
}

/** Installs what is missing where that can be done, else says what to run. */
export function ensureDebianPackages(also: readonly (keyof typeof more)[] = []): void {
  const loaded = isInstalled('php') ? execFileSync('php', ['-m'], { encoding: 'utf8' }).split('\n') : []
  const missing = [
    ...Object.entries(packages).filter(([command]) => !isInstalled(command)),
    ...Object.entries(phpPackages).filter(([extension]) => !loaded.includes(extension)),
    ...also.filter((name) => globSync(more[name]).length === 0).map((name) => ['', name] as const),
  ].map(([, name]) => name)
  if (missing.length === 0) return
  const install = `apt-get install --yes --no-install-recommends ${missing.join(' ')}`
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new Error(`The tests need ${missing.join(', ')}; run: sudo ${install}`)
  }
  console.log(`Installing what the tests need: ${missing.join(', ')}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const command of ['apt-get update', install]) {
    execFileSync('sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  }
}

/** Debian's servers are in `sbin`, which is not on everyone's PATH. */
function isInstalled(command: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin']
  return folders.some((folder) => existsSync(join(folder, command)))
}
