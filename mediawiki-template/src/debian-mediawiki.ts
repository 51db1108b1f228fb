/**
 * MediaWiki from the Debian mirror that this machine uses, whatever release it runs itself. The packages are fetched
 * through an apt of their own (sources, lists and cache in one folder), so that nothing of the system's changes, and
 * unpacked without being installed.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SetupError } from '@wikistead/processes'

const run = promisify(execFile)
const limitMs = 15 * 60_000
/** Its MediaWiki is 1.43, with long-term support. */
const release = 'trixie'
/** The second holds the parts of `includes/libs` that other Debian packages share. */
const packages = ['mediawiki', 'mediawiki-classes']
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * Answers the folder of a whole MediaWiki of real files inside `folder`, which is there and empty.
 *
 * @throws SetupError where there is no Debian mirror, or it does not answer.
 */
export async function unpackDebianMediaWiki(
  folder: string,
  onProgress?: (line: string) => void,
): Promise<string> {
  const sources = await debianSources()
  onProgress?.('asking this machine’s Debian mirror for MediaWiki')
  const options = await ownApt(join(folder, 'apt'), sources)
  await runOrExplain('apt-get', [...options, 'update'], folder)
  onProgress?.('downloading MediaWiki (53 MB)')
  await runOrExplain('apt-get', [...options, 'download', ...packages], folder)
  onProgress?.('unpacking MediaWiki')
  const archives = await readdir(folder)
  for (const name of packages) {
    const archive = archives.find((file) => file.startsWith(`${name}_`)) ?? ''
    await runOrExplain('dpkg-deb', ['--extract', archive, 'unpacked'], folder)
  }
  return ofRealFiles(join(folder, 'unpacked'))
}

interface DebianSources {
  readonly archive: string
  /** Undefined when this machine takes no security updates. */
  readonly security: string | undefined
}

/** Where this machine's own apt goes for Debian. */
async function debianSources(): Promise<DebianSources> {
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '')
  if (!/^ID=debian$/m.test(system)) {
    throw new SetupError(
      'MediaWiki is fetched by itself on Debian only; unpack MediaWiki 1.43 or newer and set WIKISTEAD_MEDIAWIKI to its folder',
    )
  }
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(system)?.[1] ?? 'sid'
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)'
  const { stdout } = await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'])
  const targets = stdout.split('\n').map((line) => line.split(' '))
  const uriOf = (suffix: string) =>
    targets.find(
      ([, suite = '', component, origin]) =>
        component === 'main' &&
        // Not known before the first `apt-get update`.
        (origin === 'Debian' || origin === '$(ORIGIN)') &&
        [codename, 'stable', 'oldstable', 'testing', 'unstable', 'sid'].some(
          (name) => suite === name + suffix,
        ),
    )?.[0]
  const archive = uriOf('')
  if (archive === undefined) {
    throw new SetupError(
      'apt has no Debian mirror in its sources; add one, or set WIKISTEAD_MEDIAWIKI to a MediaWiki folder',
    )
  }
  return { archive, security: uriOf('-security') }
}

/** Options for an apt-get whose whole state is in `folder`. The system's proxies and credentials still count. */
async function ownApt(folder: string, { archive, security }: DebianSources): Promise<readonly string[]> {
  for (const path of ['lists/partial', 'cache/archives/partial']) {
    await mkdir(join(folder, path), { recursive: true, mode: 0o755 })
  }
  const signed = existsSync(keyring) ? `[signed-by=${keyring}] ` : ''
  const lines = [`deb ${signed}${archive} ${release} main`]
  if (security !== undefined) lines.push(`deb ${signed}${security} ${release}-security main`)
  await writeFile(join(folder, 'sources.list'), `${lines.join('\n')}\n`, { mode: 0o644 })
  const settings = [
    '#clear APT::Update;',
    `Dir::Etc::sourcelist "${folder}/sources.list";`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    `Dir::State "${folder}";`,
    'Dir::State::status "/dev/null";',
    `Dir::Cache "${folder}/cache";`,
    'Acquire::Languages "none";',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";',
    // root's downloads are given to a user who may not look into this folder.
    'APT::Sandbox::User "root";',
  ]
  await writeFile(join(folder, 'apt.conf'), `${settings.join('\n')}\n`, { mode: 0o644 })
  return ['--config-file', join(folder, 'apt.conf'), '--quiet', '--yes']
}

/** The package spreads one tree over /usr/share and /var/lib by links; a wiki needs it in one piece. */
async function ofRealFiles(unpacked: string): Promise<string> {
  const tree = join(unpacked, 'usr/share/mediawiki')
  for (const link of ['LocalSettings.php', 'config', 'extensions', 'images']) {
    await rm(join(tree, link), { force: true })
  }
  await rename(join(tree, 'extensions-core'), join(tree, 'extensions'))
  for (const name of ['images', 'cache']) await mkdir(join(tree, name), { mode: 0o755 })
  const { stdout } = await run('find', [tree, '-type', 'l'])
  if (stdout !== '') throw new Error(`Debian's MediaWiki has links that are not known here: ${stdout}`)
  return tree
}

async function runOrExplain(command: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(command, args, { cwd, timeout: limitMs, maxBuffer: 64 * 1024 * 1024 })
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string }
    const reason = /^E: .*/m.exec(stderr)?.[0] ?? stderr.trim().split('\n').at(-1) ?? message
    throw new SetupError(
      `MediaWiki could not be fetched (${command}: ${reason}); try again, or set WIKISTEAD_MEDIAWIKI to a MediaWiki folder`,
      { cause: error },
    )
  }
}
