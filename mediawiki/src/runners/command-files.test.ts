/** PHP's user owns a part of these files, and is not to be trusted with ours. */
import { chmod, chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeVictim, startFolderSwapper } from '../../test/folder-swapper.ts'
import { phpUser } from '../../test/php-user.ts'
import { CommandFiles } from './command-files.ts'

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'wikistead-commands-'))
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 5 }))
  await chmod(root, 0o755)
  return root
}

async function filesOf(root: string, id: string): Promise<CommandFiles> {
  const files = new CommandFiles(join(root, 'commands'), id, phpUser)
  await files.prepare()
  return files
}

test('what PHP’s user swaps for links while its files are removed leads nowhere', async () => {
  const root = await makeRoot()
  const victim = await makeVictim(root)
  const files = await filesOf(root, 'task/install')
  for (let round = 0; round < 10; round += 1) {
    await files.prepare()
    await using swapper = startFolderSwapper(join(files.folder, 'run'), victim.folder, phpUser)
    await swapper.atWork
    // It may find new files wherever it comes, and says so.
    for (let time = 0; time < 5; time += 1) {
      await files.remove().catch(() => undefined)
      await files.prepare()
    }
  }
  expect(await victim.left()).toBe(50)
  await files.remove()
  await expect(stat(files.folder)).rejects.toThrow('ENOENT')
})

test('a folder in the place of a code is no code, and is in nobody’s way', async () => {
  const files = await filesOf(await makeRoot(), 'task/index')
  const exit = join(files.folder, 'run/exit')
  await mkdir(join(exit, 'below'), { recursive: true })
  await chown(exit, phpUser.uid, phpUser.gid)
  expect(await files.exitCode()).toBeUndefined()
  await files.bar('cancel')
  await files.unbar()
  expect(await files.stopReason()).toBeUndefined()
})
