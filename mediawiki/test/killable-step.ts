/** One building block in a process of its own, which a test may kill: `node killable-step.ts NAME INPUT`. */
import { cloneDatabase } from '../src/clone-database.ts'
import { copyDirectory, undoDirectoryCopy } from '../src/directory-copy.ts'
import { runHostCommand } from '../src/host-command.ts'
import { makeOAuthKeys } from '../src/oauth-keys.ts'
import { renderPubwikiIni } from '../src/pubwiki-file.ts'
import { createWikiDatabase, undoWikiDatabase } from '../src/wiki-database.ts'

const steps = {
  cloneDatabase,
  copyDirectory,
  createWikiDatabase,
  makeOAuthKeys,
  renderPubwikiIni,
  runHostCommand,
  undoDirectoryCopy,
  undoWikiDatabase,
}
export type StepName = keyof typeof steps
export type StepInput<Name extends StepName> = Parameters<(typeof steps)[Name]>[0]

const [name, input = ''] = process.argv.slice(2)
if (name !== undefined) {
  const step = steps[name as StepName] as (input: unknown) => Promise<unknown>
  await step(JSON.parse(input))
}
