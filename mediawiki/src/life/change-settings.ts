/**
 * Phase `change_settings`: the name, the readers or the service of a wiki in its pubwiki.ini. A new name leaves the
 * namespace of pages about the wiki as it is: renamed with it, those pages would be found nowhere.
 */
import { join } from 'node:path'
import { Refusal } from '@wikistead/contracts'
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from '../phases/activity-deps.ts'
import { changesSettings, settingsStep, settleChange, type ChangeWikiInput } from './change-wiki.ts'
import { readPlainFile } from '../folder/plain-file.ts'
import { changePubwikiIni, readIniValues, type IniValues } from '../ini/pubwiki-file.ts'
import { folderOf } from '../phases/task-wiki.ts'

/** What the ledger keeps of it; a key that was not there is null. */
interface SettingsBefore {
  readonly slug: string
  readonly before: Readonly<Record<string, string | boolean | null>>
}

/** It is the last phase of the task. */
export function changeSettings(deps: MediaWikiDeps) {
  return async (input: ChangeWikiInput): Promise<void> => {
    const { slug, run } = input
    if (!changesSettings(input)) throw new Error('there is no setting to change')
    const folder = folderOf(deps, slug)
    const values = valuesOf(input)
    let before: SettingsBefore['before'] = {}
    await runStep<void>(
      deps,
      {
        ...{ run, phase: 'change_settings', from: 60, message: 'Changing the wiki’s settings.' },
        async look() {
          if (input.serving !== undefined) await requireServing(folder)
          const told = await readIniValues(folder, Object.keys(values))
          before = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, value ?? null]))
        },
        ledger: {
          step: settingsStep,
          detail: () => ({ slug, before }) satisfies SettingsBefore,
          leftNothing: (error) => error instanceof Refusal && error.code !== 'cancelled',
        },
        recall: () => Promise.resolve(),
      },
      async ({ task }) => {
        await changePubwikiIni(folder, values)
        // Of the phase before: after the end nothing of the task is to be left.
        await deps.runner.forget(task.task_id)
      },
      (scope, _, task) => settleChange(scope, task, input),
    )
  }
}

/** As the ledger's line says that it was. */
export async function restoreSettings(deps: MediaWikiDeps, detail: string): Promise<void> {
  const { slug, before } = JSON.parse(detail) as SettingsBefore
  const values = Object.entries(before).map(([key, value]) => [key, value ?? undefined] as const)
  await changePubwikiIni(folderOf(deps, slug), Object.fromEntries(values))
}

function valuesOf({ name, visibility, serving }: ChangeWikiInput): IniValues {
  return {
    ...(name !== undefined && { WIKI_SITE_NAME: name }),
    ...(visibility !== undefined && { WIKI_VISIBILITY: visibility }),
    ...(serving !== undefined && { WIKI_SERVING: serving }),
  }
}

/** Settings of an operator's own may know nothing of it: then the wiki would only be said to be put away. */
async function requireServing(folder: string): Promise<void> {
  const settings = await readPlainFile(join(folder, 'LocalSettings.php')).catch(() => undefined)
  if (settings === undefined || settings.bytes.includes('WIKI_SERVING')) return
  throw new Refusal(
    'template_broken',
    'The wiki’s LocalSettings.php does not read WIKI_SERVING, so it would go on as before. An operator puts today’s there.',
  )
}
