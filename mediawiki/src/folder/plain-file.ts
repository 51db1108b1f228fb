/** Files in folders in which PHP's user may put anything: a link that leads elsewhere, a pipe that nobody writes to, a disk. */
import { constants, type Stats } from 'node:fs'
import { open } from 'node:fs/promises'

export interface PlainFile {
  readonly bytes: Buffer
  readonly stats: Stats
}

/** Far more than any file that we read has. */
const limitBytes = 1_048_576

/**
 * @throws an error of the file system: `ENOENT`; `ELOOP` for a link in its place, `EISDIR` for a folder, `EINVAL` for
 * another thing that is no file, `EFBIG` for more than a mebibyte
 */
export async function readPlainFile(path: string): Promise<PlainFile> {
  // Without O_NONBLOCK a pipe would be waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY
  const handle = await open(path, flags)
  try {
    const stats = await handle.stat()
    if (stats.isDirectory()) throw failure('EISDIR', path)
    if (!stats.isFile()) throw failure('EINVAL', path)
    if (stats.size > limitBytes) throw failure('EFBIG', path)
    const bytes = Buffer.alloc(stats.size)
    for (let length = 0; ;) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length)
      length += bytesRead
      if (bytesRead === 0) return { bytes: bytes.subarray(0, length), stats }
    }
  } finally {
    await handle.close()
  }
}

const reasons = {
  EISDIR: 'it is a folder',
  EINVAL: 'it is no plain file',
  EFBIG: 'it is larger than any that is read',
} as const

function failure(code: keyof typeof reasons, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${reasons[code]}, open '${path}'`), { code, path })
}
