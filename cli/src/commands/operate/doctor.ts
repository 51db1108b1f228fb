import type { ConfigNote } from '@wikistead/config'
import { hideSecretsIn } from '@wikistead/contracts/hide-secrets'
import type { Check } from '@wikistead/server'
import type { Command } from 'commander'
import { withJson, withToken } from '../../api-place.ts'
import { keptSettings } from '../../demo/kept-settings.ts'
import { CommandFailure } from '../../errors.ts'
import { Output } from '../../output.ts'
import { clientParts, configOf, withSettings, type Environment, type Options } from '../../setting-flags.ts'

export function addDoctor(program: Command, env: Environment): void {
  withToken(withJson(withSettings(program.command('doctor'))))
    .description(
      'look at everything that Wikistead needs here, and say what mends it; exits 6 while something needed is not ok',
    )
    .action(async (options: Options) => {
      const out = new Output(options, env)
      const notes: ConfigNote[] = []
      const onNote = (note: ConfigNote) => void notes.push(note)
      const { dataFolder } = configOf(options, env, { uses: clientParts })
      const ofDemo = options['config'] === undefined ? keptSettings(dataFolder) : {}
      const config = configOf(options, env, { onNote, defaults: ofDemo })
      const [{ examine }, { examineApi }] = await Promise.all([
        import('@wikistead/server'),
        import('../../examine-api.ts'),
      ])
      const checks: Check[] = []
      const take = (found: Check) => {
        const check = hideSecretsIn(found)
        checks.push(check)
        out.event('check', check)
        for (const line of lines(check, out)) out.line(line)
      }
      for (const check of settingChecks(notes)) take(check)
      for await (const check of examine(config, env)) take(check)
      for await (const check of examineApi(config, options, env)) take(check)
      const missing = checks.filter(({ ok, needed }) => needed && !ok)
      if (missing.length > 0) {
        throw new CommandFailure('setup', `Not ok: ${missing.map(({ check }) => check).join(', ')}.`, {
          code: 'not_ok',
        })
      }
      const doubtful = checks.filter(({ ok }) => !ok).length
      out.done({ checks: checks.length, doubtful }, 'All that is needed is ok.')
    })
}

function settingChecks(notes: readonly ConfigNote[]): Check[] {
  if (notes.length === 0) {
    return [{ check: 'settings', ok: true, needed: false, detail: 'each is known and has an effect' }]
  }
  return notes.map(({ kind, setting, source, mend }) => ({
    ...{ check: 'settings', ok: false, needed: false, detail: `${setting} (${source}): ${mend}` },
    mend: noteMends[kind],
  }))
}

const noteMends: Readonly<Record<ConfigNote['kind'], string>> = {
  unknown: 'Mend its name, or leave it out.',
  idle: 'Set what it is for, or leave it out.',
  open: 'Let its owner read it alone.',
}

function lines({ check, ok, needed, detail, mend }: Check, out: Output): string[] {
  const state = ok ? out.paint('green', 'ok    ') : out.paint(needed ? 'red' : 'yellow', 'not ok')
  const worth = ok || needed ? '' : ' (not needed)'
  return [
    `${state}  ${check.padEnd(18)} ${detail}${worth}`,
    ...(mend === undefined ? [] : [`        → ${mend}`]),
  ]
}
