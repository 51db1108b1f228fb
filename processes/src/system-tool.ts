import { existsSync } from 'node:fs'
import { join } from 'node:path'

const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** A tool of the system, wherever it is: a child's PATH need not lead there. */
export function tool(name: string): string {
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file)) ?? name
}
