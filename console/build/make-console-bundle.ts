/** Run as a program: builds the console into the folder of its one argument, with its compressed twins; whole or not at all. */
import { existsSync, globSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { build } from 'vite'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: make-console-bundle.ts FOLDER')
const unfinished = `${folder}.${String(process.pid)}`
await build({
  configFile: join(import.meta.dirname, 'vite.config.ts'),
  logLevel: 'warn',
  build: { outDir: unfinished, emptyOutDir: true },
})
for (const file of globSync('**/*.{js,css,svg,html}', { cwd: unfinished })) {
  const path = join(unfinished, file)
  const plain = await readFile(path)
  await writeFile(`${path}.gz`, await promisify(gzip)(plain, { level: 9 }), { mode: 0o644 })
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  }
  await writeFile(`${path}.br`, await promisify(brotliCompress)(plain, { params }), { mode: 0o644 })
}
try {
  await rename(unfinished, folder)
} catch (error) {
  // Somebody else was quicker, with the same files.
  await rm(unfinished, { recursive: true, force: true })
  if (!existsSync(folder)) throw error
}
