/**
 * Run as a program. Without an argument it builds what browsers need into the extension itself, which is then complete
 * and can be copied into MediaWiki's `extensions/WikiFarm`; with a folder, it makes that copy there, whole or not at all.
 */
import { existsSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { build } from 'vite'

const extension = join(import.meta.dirname, '..')
/** What MediaWiki needs of the sources. */
const parts = [
  ...['extension.json', 'WikiFarm.alias.php', 'README.md', 'src', 'sql', 'i18n'],
  'resources/wikifarm-page.css',
]

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  await makeResources(extension)
} else {
  const unfinished = `${folder}.${String(process.pid)}`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true, mode: 0o755 })
  for (const part of parts) await cp(join(extension, part), join(unfinished, part), { recursive: true })
  await makeResources(unfinished)
  try {
    await rename(unfinished, folder)
  } catch (error) {
    // Somebody else was quicker, with the same files.
    await rm(unfinished, { recursive: true, force: true })
    if (!existsSync(folder)) throw error
  }
}

async function makeResources(target: string): Promise<void> {
  await build({
    configFile: join(import.meta.dirname, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: join(target, 'resources/dist'), emptyOutDir: true },
  })
  // The texts of the components are the console's too, and kept with them.
  const texts = join(target, 'i18n/components')
  await rm(texts, { recursive: true, force: true })
  await cp(join(extension, '../components/i18n'), texts, { recursive: true })
}
