/** One building block in a process of its own, which a test may kill: `node killable-step.ts NAME INPUT`. */
import { cloneDatabase } from '../src/database/clone-database.ts'
import { ensureCloneSource, type CloneSource } from '../src/database/clone-source.ts'
import { copyDirectory, undoDirectoryCopy } from '../src/folder/directory-copy.ts'
import { runHostCommand } from '../src/folder/host-command.ts'
import { createHostRunner, type HostRunnerOptions } from '../src/runners/host-runner.ts'
import { makeOAuthKeys } from '../src/folder/oauth-keys.ts'
import { renderPubwikiIni } from '../src/ini/pubwiki-file.ts'
import { createWikiDatabase, undoWikiDatabase } from '../src/database/wiki-database.ts'

const steps = {
  cloneDatabase,
  copyDirectory,
  createWikiDatabase,
  ensureCloneSourceOnHost,
  makeOAuthKeys,
  renderPubwikiIni,
  runHostCommand,
  undoDirectoryCopy,
  undoWikiDatabase,
}

/** A runner cannot be told in JSON. */
async function ensureCloneSourceOnHost({
  host,
  ...source
}: Omit<CloneSource, 'runner'> & { host: HostRunnerOptions }) {
  await using runner = createHostRunner(host)
  return await ensureCloneSource({ ...source, runner })
}

export type StepName = keyof typeof steps
export type StepInput<Name extends StepName> = Parameters<(typeof steps)[Name]>[0]

const [name, input = ''] = process.argv.slice(2)
if (name !== undefined) {
  const step = steps[name as StepName] as (input: unknown) => Promise<unknown>
  await step(JSON.parse(input))
}
