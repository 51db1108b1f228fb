/** Programs of Debian packages that would start services when they were installed: they are only unpacked. */
import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Answers the folder that is their root. `folder` is there and empty. */
export async function unpackPackages(names: readonly string[], folder: string): Promise<string> {
  await run('apt-get', ['--option', 'APT::Sandbox::User=root', 'download', ...names], { cwd: folder })
  const root = join(folder, 'root')
  for (const file of await readdir(folder)) {
    if (file.endsWith('.deb')) await run('dpkg-deb', ['--extract', join(folder, file), root])
  }
  return root
}
