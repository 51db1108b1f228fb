/**
 * A file system of its own for what is measured: on ext4 a freed inode slows what is made next by up to 15 times, and
 * only XFS and btrfs share the blocks of a copy.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const bytes = 16 * 2 ** 30

export interface MeasuredFolder extends AsyncDisposable {
  readonly folder: string
  /** Why it is no XFS. */
  readonly withoutXfs: string | undefined
}

/** A sparse image, mounted until it is disposed of; without root, mkfs.xfs or a loop device an ordinary folder. */
export async function xfsFolder(): Promise<MeasuredFolder> {
  await using stack = new AsyncDisposableStack()
  const place = await mkdtemp(join(tmpdir(), 'wikistead-bench-'))
  stack.defer(() => rm(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }))
  const [image, folder] = [join(place, 'xfs.img'), join(place, 'here')]
  await mkdir(folder)
  let withoutXfs: string | undefined
  try {
    await writeFile(image, '')
    await truncate(image, bytes)
    await run('mkfs.xfs', ['-q', '-m', 'reflink=1', image])
    await run('mount', ['-o', 'loop', image, folder])
    stack.defer(async () => void (await run('umount', [folder])))
  } catch (error) {
    withoutXfs = (error as Error).message.split('\n', 1)[0]
  }
  const mounted = stack.move()
  return { folder, withoutXfs, [Symbol.asyncDispose]: () => mounted.disposeAsync() }
}
