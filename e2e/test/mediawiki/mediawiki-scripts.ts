/**
 * MediaWiki's scripts in the hands of a test: the template's FarmSettings.php, which every one of them reads while it
 * starts, asks the test's folder whether to wait there, or to end there with a code.
 */
import { eventually } from '@wikistead/test/eventually'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect } from 'vitest'

export type ScriptName =
  | 'installPreConfigured'
  | 'makeFounder'
  | 'changeOwner'
  | 'rebuildtextindex'
  | 'UpdateSearchIndexConfig.php'
  | 'ForceSearchIndex.php'

export interface Scripts {
  /** Where the scripts look; a container has to have it at the same place. */
  readonly folder: string
  /** The script waits as soon as it has read its settings; undone by `mend`. */
  hold(slug: string, script: ScriptName): Promise<void>
  /** Resolves when the script is there. */
  reached(slug: string, script: ScriptName): Promise<void>
  /** The script ends with this code; undone by `mend`. */
  fail(slug: string, script: ScriptName, exitCode: number): Promise<void>
  /** The script prints all that it knows, the wiki's settings and its private key among it; undone by `mend`. */
  leak(slug: string, script: ScriptName): Promise<void>
  /** The script prints 50 MB, not all of it text; undone by `mend`. */
  flood(slug: string, script: ScriptName): Promise<void>
  mend(slug: string, script: ScriptName): Promise<void>
  /** How often it was started. */
  starts(slug: string, script: ScriptName): Promise<number>
}

/** To be called before the first wiki is made from the template. */
export async function controlScripts(template: string, folder: string): Promise<Scripts> {
  await mkdir(folder)
  // Whoever they run as writes down that they were started.
  await chmod(folder, 0o777)
  await writeFile(join(template, 'FarmSettings.php'), farmSettings(folder))
  const file = (slug: string, script: ScriptName, what: string) => join(folder, `${slug}.${script}.${what}`)
  const starts: Scripts['starts'] = async (slug, script) => {
    const path = file(slug, script, 'starts')
    return existsSync(path) ? (await readFile(path, 'utf8')).length : 0
  }
  return {
    ...{ folder, starts },
    hold: (slug, script) => writeFile(file(slug, script, 'hold'), ''),
    fail: (slug, script, exitCode) => writeFile(file(slug, script, 'exit'), String(exitCode)),
    leak: (slug, script) => writeFile(file(slug, script, 'leak'), ''),
    flood: (slug, script) => writeFile(file(slug, script, 'flood'), ''),
    async reached(slug, script) {
      await eventually(async () => expect(await starts(slug, script)).toBeGreaterThan(0))
    },
    async mend(slug, script) {
      for (const what of ['hold', 'exit', 'leak', 'flood'])
        await rm(file(slug, script, what), { force: true })
    },
  }
}

/**
 * Stand-ins for both extensions and for CirrusSearch's scripts, which do nothing but what the test says; there is no
 * CirrusSearch here, so nothing is searched. The template's settings look for them beside the wiki, not in the shared MediaWiki.
 */
export async function standInForCirrusSearch(template: string): Promise<void> {
  const extensions = join(template, 'extensions')
  await rename(extensions, `${extensions}.of-core`)
  await mkdir(extensions)
  for (const name of await readdir(`${extensions}.of-core`)) {
    await symlink(`../mediawiki/extensions/${name}`, join(extensions, name))
  }
  await rm(`${extensions}.of-core`)
  const settings = join(template, 'LocalSettings.php')
  let text = await readFile(settings, 'utf8')
  for (const name of ['Elastica', 'CirrusSearch']) {
    await mkdir(join(extensions, name))
    await writeFile(join(extensions, name, 'extension.json'), JSON.stringify({ name, manifest_version: 2 }))
    const ours = `wfLoadExtension( '${name}', __DIR__ . '/extensions/${name}/extension.json' )`
    text = text.replace(`wfLoadExtension( '${name}' )`, ours)
  }
  await writeFile(
    settings,
    text.replace("$wgSearchType = 'CirrusSearch'", "$wgSearchType = 'SearchEngineDummy'"),
  )
  const scripts = join(extensions, 'CirrusSearch/maintenance')
  await mkdir(scripts, { recursive: true })
  const standIn = '<?php\nrequire dirname( __DIR__, 3 ) . \'/FarmSettings.php\';\necho "stand-in\\n";\n'
  for (const name of ['UpdateSearchIndexConfig.php', 'ForceSearchIndex.php']) {
    await writeFile(join(scripts, basename(name)), standIn)
  }
}

const farmSettings = (folder: string): string => `<?php
( static function () {
	if ( PHP_SAPI !== 'cli' ) {
		return;
	}
	$command = explode( "\\0", file_get_contents( '/proc/self/cmdline' ) );
	$script = basename( $command[1] === 'maintenance/run' ? $command[2] : $command[1] );
	$file = ${JSON.stringify(folder)} . '/' . basename( __DIR__ ) . '.' . $script;
	file_put_contents( "$file.starts", '.', FILE_APPEND );
	while ( file_exists( "$file.hold" ) ) {
		usleep( 10000 );
		clearstatcache();
	}
	if ( file_exists( "$file.leak" ) ) {
		$ini = file_get_contents( __DIR__ . '/pubwiki.ini' );
		$settings = parse_ini_string( $ini, false, INI_SCANNER_RAW );
		$all = $ini . file_get_contents( $settings['WIKI_OAUTH_DIR'] . '/oauth.key' ) . print_r( getenv(), true );
		fwrite( STDOUT, "leaked\n$all" );
		fwrite( STDERR, $all );
		// Where a long line is cut.
		fwrite( STDERR, str_repeat( 'x', 3980 ) . $settings['WIKI_DB_PASSWORD'] . "\n" );
	}
	if ( file_exists( "$file.flood" ) ) {
		for ( $i = 0; $i < 500000; $i++ ) {
			fwrite( STDOUT, "line $i \\xff\\xc3 " . str_repeat( 'x', 90 ) . "\\n" );
		}
	}
	if ( file_exists( "$file.exit" ) ) {
		exit( (int)file_get_contents( "$file.exit" ) );
	}
} )();
`
