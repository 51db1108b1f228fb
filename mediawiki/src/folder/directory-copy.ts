/**
 * A new wiki's folder: the template's copy, with its modes, owners and links. Where the file system can share blocks,
 * only the names are copied.
 */
import { realpath, stat } from 'node:fs/promises'
import { Refusal } from '@wikistead/contracts'
import { claimFolder, releaseFolder, type FolderClaim } from './claimed-folder.ts'
import { commandError } from './folder-errors.ts'
import { runHostCommand } from './host-command.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'

export interface WikiFolder {
  /** WIKIFARM_DIR. */
  readonly farmFolder: string
  readonly slug: string
  readonly task: string
}

export interface DirectoryCopy extends WikiFolder {
  /** WIKIFARM_TEMPLATE; a link to it is followed once. */
  readonly template: string
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (progress: CopyProgress) => void
}

export interface CopyProgress {
  /** Files, folders and links so far. */
  readonly entries: number
  /** As many as the template had when it was copied last; undefined the first time. */
  readonly expected: number | undefined
}

/**
 * Done again by the same task, it keeps the folder that is there.
 * @throws Refusal `template_missing`, `folder_foreign`, `folder_unwritable`; ProvisioningFault for a full disk and a
 * template that changed meanwhile: nothing of the attempt is left then
 */
export async function copyDirectory(copy: DirectoryCopy): Promise<'made' | 'kept'> {
  const { signal, onProgress } = copy
  signal?.throwIfAborted()
  const template = await resolveTemplate(copy.template)
  return claimFolder(claimOf(copy), async (folder) => {
    const startedAt = Date.now()
    const expected = entriesOf.get(template)
    let entries = 0
    const complaint = await runHostCommand(
      ['cp', '--archive', '--reflink=auto', '--verbose', '--', `${template}/.`, folder],
      {
        signal,
        onOutput: (lines) => {
          entries += countLines(lines)
          onProgress?.({ entries, expected })
        },
      },
    )
    if (await changedSince(template, startedAt, signal)) {
      throw new ProvisioningFault('The template was changed while it was copied.', 'template_changed')
    }
    if (complaint !== undefined) throw commandError(complaint, 'WIKIFARM_DIR')
    entriesOf.set(template, entries)
  })
}

/** Removes the folder if this task made it, whatever is in it by now. */
export async function undoDirectoryCopy(folder: WikiFolder): Promise<void> {
  await releaseFolder(claimOf(folder))
}

/** How much there was to copy the last time, by template. */
const entriesOf = new Map<string, number>()

function claimOf({ farmFolder, slug, task }: WikiFolder): FolderClaim {
  return { parent: farmFolder, place: 'WIKIFARM_DIR', slug, task }
}

/** The folder itself, so that a link turned to the next version does not mix the two. */
async function resolveTemplate(template: string): Promise<string> {
  const resolved = await realpath(template).catch(() => undefined)
  if (resolved !== undefined && (await stat(resolved)).isDirectory()) return resolved
  throw new Refusal(
    'template_missing',
    'The template that new wikis are copied from is not there (WIKIFARM_TEMPLATE).',
  )
}

/**
 * Whether anything in the template was written, renamed, removed or given other rights since then. Of that the system
 * keeps the time by itself, to the tick of its clock; what is gone shows in its folder.
 */
async function changedSince(
  template: string,
  time: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  let found = 0
  const since = `@${String((time - clockTickMs) / 1000)}`
  const complaint = await runHostCommand(['find', template, '-newerct', since, '-print', '-quit'], {
    signal,
    onOutput: (lines) => {
      found += lines.length
    },
  })
  // A complaint is of what vanished while it was looked at.
  return found > 0 || complaint !== undefined
}

const clockTickMs = 10

function countLines(text: Buffer): number {
  let lines = 0
  for (let at = text.indexOf(10); at !== -1; at = text.indexOf(10, at + 1)) lines += 1
  return lines
}
