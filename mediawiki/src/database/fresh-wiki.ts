/**
 * A wiki that nobody sees, for its tables' sake: a copy of the template beside the wikis, under a name that is no slug,
 * so no web server's. It is gone when its database is made.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { commandError, folderError } from '../folder/folder-errors.ts'
import { runHostCommand } from '../folder/host-command.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { readDatabasePassword, renderPubwikiIni } from '../ini/pubwiki-file.ts'
import type { IniValue } from '../ini/pubwiki-ini.ts'
import { pubwikiValues, type FarmValues } from '../ini/pubwiki-values.ts'
import type { OutputLine, Runner } from '../runners/runner.ts'
import { writeMarker } from '../folder/task-marker.ts'

export interface FreshWikiOptions {
  /** WIKIFARM_DIR. */
  readonly wikisFolder: string
  /** WIKIFARM_TEMPLATE. */
  readonly template: string
  readonly farm: FarmValues
  readonly language: string
  /** Of PHP's user, who reads its pubwiki.ini. */
  readonly gid?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface FreshWiki extends AsyncDisposable {
  readonly folder: string
  /** Of the user that has the database's name. */
  readonly password: string
}

/** Its folder, and nothing of an earlier attempt's. The caller sees to it that there is no other now. */
export async function makeFreshWiki(database: string, options: FreshWikiOptions): Promise<FreshWiki> {
  const { wikisFolder, template, signal, gid } = options
  const folder = join(wikisFolder, `${prefixOf(database)}${randomBytes(4).toString('hex')}`)
  try {
    await removeFreshWikis(wikisFolder, database)
    await mkdir(folder, { mode: 0o700 })
    const complaint = await runHostCommand(
      ['cp', '--archive', '--reflink=auto', '--', `${template}/.`, folder],
      { signal },
    )
    if (complaint !== undefined) throw commandError(complaint, 'WIKIFARM_DIR')
    await writeMarker(folder, maker)
    await renderPubwikiIni({ folder, task: maker, values: valuesOf(database, options), gid })
    const password = await readDatabasePassword(folder, maker)
    if (password === undefined) throw new Error('its pubwiki.ini was just written, and has no password')
    return { folder, password, [Symbol.asyncDispose]: () => removeFreshWikis(wikisFolder, database) }
  } catch (error) {
    await removeFreshWikis(wikisFolder, database).catch(() => undefined)
    throw folderError(error, 'WIKIFARM_DIR')
  }
}

export interface FreshInstall {
  readonly runner: Runner
  readonly signal?: AbortSignal | undefined
  /** A line of the installer's; the password is not in it. */
  readonly onOutput?: ((line: OutputLine) => void) | undefined
}

/** @throws ProvisioningFault when the installer fails; RunnerFault */
export async function installFreshWiki(
  database: string,
  { folder, password }: FreshWiki,
  { runner, signal = new AbortController().signal, onOutput }: FreshInstall,
): Promise<void> {
  const id = `fresh/${database}`
  // An earlier attempt's worked in another folder, for a user who is gone.
  await runner.stop(id, signal)
  await runner.forget(id)
  const { exitCode } = await runner.run(
    { id, folder, argv: ['php', 'maintenance/run', 'installPreConfigured'], timeLimitMs: 120_000 },
    {
      signal,
      onOutput: (line) => onOutput?.({ ...line, line: line.line.replaceAll(password, '[secret]') }),
    },
  )
  await runner.forget(id)
  if (exitCode === 0) return
  throw new ProvisioningFault(
    'The fresh wiki that new ones are cloned from could not be installed.',
    `exit_${String(exitCode)}`,
  )
}

const maker = 'fresh'

function prefixOf(database: string): string {
  return `.fresh.${database}.`
}

function valuesOf(database: string, { farm, language }: FreshWikiOptions): Record<string, IniValue> {
  return {
    ...pubwikiValues({
      slug: 'fresh',
      site: { name: 'Fresh', metaNamespace: 'Fresh', language },
      visibility: 'private',
      // Its accounts are its own while it is made, like any wiki's.
      farm: { ...farm, sharedDatabase: undefined },
    }),
    WIKI_DB_NAME: database,
    WIKI_DB_USER: database,
  }
}

async function removeFreshWikis(wikisFolder: string, database: string): Promise<void> {
  for (const name of await readdir(wikisFolder)) {
    if (!name.startsWith(prefixOf(database))) continue
    const complaint = await runHostCommand(['rm', '-rf', '--one-file-system', '--', join(wikisFolder, name)])
    if (complaint !== undefined) throw commandError(complaint, 'WIKIFARM_DIR')
  }
}
