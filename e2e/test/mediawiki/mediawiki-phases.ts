/** The phases of a MediaWiki's creation, and how a test keeps one in its middle. */
import { eventually } from '@wikistead/test/eventually'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { ScriptName } from './mediawiki-scripts.ts'
import type { MediaWikiWorld } from './mediawiki-world.ts'

export interface CreationPhase {
  /** Short enough to be a part of a slug. */
  readonly key: string
  readonly activity: string
  /** Undefined for one that is a single renaming of a file, and has no middle. */
  readonly amid?: (world: MediaWikiWorld, slug: string) => Promise<Amid>
}

interface Amid {
  /** Resolves when the act has begun, and has not ended. */
  readonly reached: () => Promise<void>
  readonly letGo: () => Promise<void>
}

export const creationPhases: readonly CreationPhase[] = [
  {
    ...{ key: 'copy', activity: 'CopyTemplateActivity' },
    amid: (world, slug) => unfinishedIn(world.wikisFolder, slug),
  },
  {
    ...{ key: 'keys', activity: 'MakeOAuthKeysActivity' },
    amid: (world, slug) => unfinishedIn(world.oauthFolder, slug),
  },
  { key: 'ini', activity: 'RenderIniActivity' },
  { key: 'db', activity: 'ProvisionDatabaseActivity', amid: withoutUser },
  { key: 'install', activity: 'InstallWikiActivity', amid: inScript('installPreConfigured') },
  {
    ...{ key: 'cfg', activity: 'ConfigureSearchIndexActivity' },
    amid: inScript('UpdateSearchIndexConfig.php'),
  },
  { key: 'flip', activity: 'FlipBootstrapActivity', amid: inScript('makeFounder') },
  { key: 'index', activity: 'IndexWikiActivity', amid: inScript('ForceSearchIndex.php') },
]

/** It is filled under a name of its own. Nothing holds it there: whoever wants its middle has to be quick. */
function unfinishedIn(parent: string, slug: string): Promise<Amid> {
  return Promise.resolve({
    async reached() {
      await eventually(async () => {
        const names = await readdir(parent)
        const begun = names.some((name) => name.startsWith(`.wikistead.${slug}.`))
        expect(begun || existsSync(join(parent, slug))).toBe(true)
      }, 2)
    },
    letGo: () => Promise.resolve(),
  })
}

/** The database is there, and no user can be made on the whole server. */
async function withoutUser(world: MediaWikiWorld, slug: string): Promise<Amid> {
  const lock = await world.lockUsers()
  return {
    async reached() {
      const database = `SHOW DATABASES LIKE '${slug.replaceAll('-', '\\_')}'`
      await eventually(async () => expect(await world.sql(database)).toHaveLength(1), 2)
    },
    async letGo() {
      await lock[Symbol.asyncDispose]()
    },
  }
}

function inScript(script: ScriptName): NonNullable<CreationPhase['amid']> {
  return async ({ scripts }, slug) => {
    await scripts.hold(slug, script)
    return { reached: () => scripts.reached(slug, script), letGo: () => scripts.mend(slug, script) }
  }
}
