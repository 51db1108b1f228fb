/** Templates to copy: a small one of everything that a folder may hold, and one that takes a while. */
import { eventually } from '@wikistead/test/eventually'
import { existsSync } from 'node:fs'
import { chmod, chown, link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const isRoot = process.getuid?.() === 0
/** In memory where that can be had: removing and making thousands of files is slow on most disks. */
export const disk = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Folders of two hundred entries, themselves among them. */
export async function makeParts(path: string, entries: number): Promise<void> {
  for (let part = 0; part < entries / 200; part += 1) {
    const parts = join(path, String(part))
    await mkdir(parts, { recursive: true })
    await Promise.all(Array.from({ length: 199 }, (_, n) => writeFile(join(parts, String(n)), '')))
  }
  await letClockTick(path)
}

export async function makeTemplate(path: string): Promise<void> {
  await mkdir(join(path, 'deep', 'er'), { recursive: true })
  await writeFile(join(path, 'index.php'), '<?php', { mode: 0o644 })
  await writeFile(join(path, 'pubwiki.ini'), 'WIKI_LANG=en\n', { mode: 0o640 })
  await writeFile(join(path, 'run'), '#!/bin/sh', { mode: 0o755 })
  await writeFile(join(path, 'one'), 'two names')
  await link(join(path, 'one'), join(path, 'other'))
  await writeFile(join(path, 'deep', 'a "name"\nof two lines'), '')
  await writeFile(Buffer.concat([Buffer.from(`${path}/deep/`), Buffer.from([0xe9, 0xff])]), 'not UTF-8')
  await symlink('../index.php', join(path, 'deep', 'link'))
  await symlink('/nowhere/at/all', join(path, 'dangling'))
  await mkdir(join(path, 'images'), { mode: 0o775 })
  await writeFile(join(path, 'sparse'), Buffer.alloc(20_000))
  if (isRoot) await chown(join(path, 'images'), 33, 33)
  await chmod(path, 0o751)
  await letClockTick(path)
}

/** Until what was written is older than what is copied from now on counts as changed. */
export async function letClockTick(path: string): Promise<void> {
  const written = Date.now()
  await eventually(() => {
    if (Date.now() < written + 30) throw new Error(`${path} is too new`)
  })
}
