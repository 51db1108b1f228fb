/**
 * Whether a LocalSettings.php does what its pubwiki.ini says. It is read by its own MediaWiki, beside an ini of values
 * that nobody would choose, and the settings that come of it are compared with what they must be: for one wiki that is
 * being made, and for another that is in service.
 */
import { copyFile, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeTree } from '@wikistead/processes'
import { runPhp, type Php } from './run-php.ts'

/** Answers a sentence for each thing that is wrong. `core` is where its MediaWiki is. */
export async function probeSettings(template: string, core: string, php: Php): Promise<readonly string[]> {
  try {
    return await withProbe(template, async (folder) => {
      const made = await readSettings(folder, core, php)
      const served = await readSettings(folder, core, php, { ini: iniOf('served', false) })
      return [
        ...ignored(made, iniOf('made', true)),
        ...ignored(served, iniOf('served', false)),
        ...shared(made, served),
      ].filter((problem, place, all) => all.indexOf(problem) === place)
    })
  } catch (error) {
    return [`LocalSettings.php does not run: ${(error as Error).message}`]
  }
}

/** With a folder that is like the template, but for its pubwiki.ini. */
export async function withProbe<T>(template: string, act: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-probe-'))
  try {
    // It may read other files of its folder.
    for (const name of await readdir(template)) {
      if (name !== 'pubwiki.ini' && name !== 'LocalSettings.php')
        await symlink(join(template, name), join(folder, name))
    }
    await copyFile(join(template, 'LocalSettings.php'), join(folder, 'LocalSettings.php'))
    return await act(folder)
  } finally {
    await removeTree(folder)
  }
}

type Settings = Readonly<Record<string, unknown>>
type Ini = ReturnType<typeof iniOf>

function iniOf(name: string, bootstrapping: boolean) {
  return {
    WIKI_SITE_NAME: `${name}'s; "Notes" = \${HOME}`,
    WIKI_META_NAMESPACE: `Talks_of_${name}`,
    WIKI_LANG: 'de',
    WIKI_ROOT_HOST: 'probe.example',
    WIKI_HOST_URL: `${name}.probe.example`,
    WIKI_VISIBILITY: 'private',
    WIKI_BOOTSTRAPING: String(bootstrapping),
    WIKI_DB_HOST: `${name}.invalid:3307`,
    WIKI_DB_NAME: `probe_${name}`,
    WIKI_DB_USER: `user_${name}`,
    WIKI_DB_PASSWORD: `password of ${name}`,
    WIKI_SHARED_DB_NAME: 'probe_hub',
  }
}

/** Which key each setting must come from, and whether it does. */
const rules: readonly (readonly [string, keyof Ini, (value: unknown, ini: Ini) => boolean])[] = [
  ['wgSitename', 'WIKI_SITE_NAME', (value, ini) => value === ini.WIKI_SITE_NAME],
  ['wgMetaNamespace', 'WIKI_META_NAMESPACE', (value, ini) => value === ini.WIKI_META_NAMESPACE],
  ['wgLanguageCode', 'WIKI_LANG', (value, ini) => value === ini.WIKI_LANG],
  [
    'wgServer',
    'WIKI_HOST_URL',
    (value, ini) => new RegExp(`//${ini.WIKI_HOST_URL}(?::|$)`).test(String(value)),
  ],
  ['wgDBserver', 'WIKI_DB_HOST', (value, ini) => value === ini.WIKI_DB_HOST],
  [
    'wgDBservers',
    'WIKI_DB_HOST',
    (value, ini) => !Array.isArray(value) || (value as Settings[])[0]?.['host'] === ini.WIKI_DB_HOST,
  ],
  ['wgDBname', 'WIKI_DB_NAME', (value, ini) => value === ini.WIKI_DB_NAME],
  ['wgDBuser', 'WIKI_DB_USER', (value, ini) => value === ini.WIKI_DB_USER],
  ['wgDBpassword', 'WIKI_DB_PASSWORD', (value, ini) => value === ini.WIKI_DB_PASSWORD],
  [
    'wgSharedDB',
    'WIKI_SHARED_DB_NAME',
    (value, ini) => ini.WIKI_BOOTSTRAPING === 'true' || value === ini.WIKI_SHARED_DB_NAME,
  ],
  [
    'wgSharedDB',
    'WIKI_BOOTSTRAPING',
    (value, ini) => ini.WIKI_BOOTSTRAPING === 'false' || value !== ini.WIKI_SHARED_DB_NAME,
  ],
  // Or a wiki's founder is an authority over everybody's accounts.
  [
    'wgRevokePermissions',
    'WIKI_SHARED_DB_NAME',
    (value, ini) =>
      ini.WIKI_BOOTSTRAPING === 'true' || (value as Record<string, Settings>)['*']?.['userrights'] === true,
  ],
  [
    'wgGroupPermissions',
    'WIKI_VISIBILITY',
    (value) => (value as Record<string, Settings>)['*']?.['read'] === false,
  ],
]

const secrets = ['wgSecretKey', 'wgUpgradeKey']
const everySetting: readonly string[] = [...new Set([...rules.map(([setting]) => setting), ...secrets])]

function ignored(settings: Settings, ini: Ini): readonly string[] {
  return rules
    .filter(([setting, , holds]) => !holds(settings[setting], ini))
    .map(([setting, key]) => `LocalSettings.php does not set $${setting} by ${key} of pubwiki.ini`)
}

function shared(one: Settings, other: Settings): readonly string[] {
  return secrets
    .filter((name) => one[name] === other[name])
    .map((name) => `LocalSettings.php gives every wiki the same $${name}`)
}

interface Probe {
  /** Default: of a wiki that is being made. */
  readonly ini?: Ini
  /** Further lines of it. */
  readonly more?: Readonly<Record<string, string>>
  /** Which settings to read; default those that every wiki's ini is for. */
  readonly names?: readonly string[]
}

/** What comes of the ini, in a folder of `withProbe`. @throws Error with PHP's own words */
export async function readSettings(
  folder: string,
  core: string,
  php: Php,
  { ini = iniOf('made', true), more = {}, names = everySetting }: Probe = {},
): Promise<Settings> {
  const lines = Object.entries({ ...ini, ...more }).map(
    ([key, value]) => `${key}="${value.replace(/["\\$]/g, '\\$&')}"\n`,
  )
  await writeFile(join(folder, 'pubwiki.ini'), lines.join(''), { mode: 0o600 })
  const run = await runPhp(
    { ...php, env: { ...php.env, MW_CONFIG_FILE: join(folder, 'LocalSettings.php') } },
    [
      join(core, 'maintenance/run.php'),
      'getConfiguration',
      '--format',
      'json',
      '--settings',
      names.join(' '),
    ],
  )
  if (!run.ok) throw new Error(run.reason)
  return JSON.parse(run.stdout) as Settings
}
