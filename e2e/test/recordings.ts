/**
 * Recorded histories, a folder a release under `workflows/histories`: `1`, `2`, …, and `next` for what is not released yet.
 * They are what installations may still be running, so they are only added to: nothing here writes over a file.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readHistory, type RecordedHistory } from './recorded-history.ts'

const historiesFolder = join(import.meta.dirname, '../../workflows/histories')

/** The latest of that name. @throws Error when none was ever recorded */
export async function recordedHistory(name: string, folder = historiesFolder): Promise<RecordedHistory> {
  const latest = (await recordingsOf(name, folder)).at(-1)
  if (latest === undefined) throw new Error(`${name} was never recorded; run: npm run record-histories`)
  return readHistory(await readFile(latest, 'utf8'))
}

/** Keeps a history that goes another way than the latest of its name; says whether it did. */
export async function record(
  name: string,
  history: RecordedHistory,
  folder = historiesFolder,
): Promise<boolean> {
  const before = await recordingsOf(name, folder)
  const latest = before.at(-1)
  if (latest !== undefined && sameWay(history, readHistory(await readFile(latest, 'utf8')))) return false
  const next = join(folder, 'next')
  await mkdir(next, { recursive: true })
  for (let n = 1; ; n += 1) {
    const path = join(next, n === 1 ? `${name}.json` : `${name}.${String(n)}.json`)
    if (existsSync(path)) continue
    await writeFile(path, history.json, { flag: 'wx' })
    return true
  }
}

/** How it went, without the times and identities of its run. */
export function wayOf({ activities, patches, workflowType, ending }: RecordedHistory): object {
  return { activities, patches, workflowType, ending }
}

const sameWay = (one: RecordedHistory, other: RecordedHistory): boolean =>
  JSON.stringify(wayOf(one)) === JSON.stringify(wayOf(other))

/** From the oldest on. */
async function recordingsOf(name: string, folder: string): Promise<string[]> {
  const releases = (await readdir(folder)).sort((a, b) => age(a) - age(b))
  const files = await Promise.all(
    releases.map(async (release) => {
      const names = await readdir(join(folder, release))
      const ofName = names.flatMap((file) => {
        const [, base, n = '1'] = /^(.+?)(?:\.(\d+))?\.json$/.exec(file) ?? []
        return base === name ? [{ file, n: Number(n) }] : []
      })
      return ofName.sort((a, b) => a.n - b.n).map(({ file }) => join(folder, release, file))
    }),
  )
  return files.flat()
}

const age = (release: string): number => (release === 'next' ? Infinity : Number(release))
