/** PHP and MariaDB from Debian, for a demo on a machine that has none. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { SetupError } from '@wikistead/processes'
import type { Environment } from '../parts/environment.ts'

const run = promisify(execFile)
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The `-core` one starts no service. */
const commands = {
  mariadbd: 'mariadb-server-core',
  // Which mariadb-install-db asks, and the server’s package does not bring.
  my_print_defaults: 'mariadb-client-core',
  php: 'php-cli',
}
const extensions = {
  ...{ mysqli: 'php-mysql', intl: 'php-intl', mbstring: 'php-mbstring', xml: 'php-xml' },
  // Without it pictures have no thumbnails.
  gd: 'php-gd',
}

/** @throws SetupError with the one command to run, where they cannot be installed from here */
export async function ensureMediaWikiPackages(
  processEnv: Environment['env'],
  onNote: (line: string) => void,
): Promise<void> {
  const missing = await missingPackages()
  if (missing.length === 0) return
  const install = ['install', '--yes', '--no-install-recommends', ...missing]
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) {
    throw new SetupError(
      `MediaWiki needs PHP and MariaDB. Run \`sudo apt-get ${install.join(' ')}\`, and start this again.`,
    )
  }
  onNote(`Installing ${missing.join(', ')} from Debian; this happens once.`)
  const env = { ...processEnv, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    await run('apt-get', ['update'], { env })
    await run('apt-get', install, { env })
  } catch {
    throw new SetupError(`Debian’s packages could not be installed. Try \`apt-get ${install.join(' ')}\`.`)
  }
}

async function missingPackages(): Promise<string[]> {
  const isThere = (command: string): boolean => folders.some((folder) => existsSync(join(folder, command)))
  const loaded = isThere('php') ? (await run('php', ['-m'])).stdout.split('\n') : []
  return [
    ...Object.entries(commands).flatMap(([command, name]) => (isThere(command) ? [] : [name])),
    ...Object.entries(extensions).flatMap(([extension, name]) => (loaded.includes(extension) ? [] : [name])),
  ]
}
