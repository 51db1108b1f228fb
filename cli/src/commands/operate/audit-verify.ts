/** `wikistead audit verify`: whether the audit log, or a copy of it, is what was sealed. */
import { readFile } from 'node:fs/promises'
import { AuditSeals } from '@wikistead/contracts'
import { sealKeys, type SealKey } from '@wikistead/contracts/audit-seals'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { anchorsOf, anchorText } from '../../audit/anchors.ts'
import { checkLog, type CheckedLog } from '../../audit/check-log.ts'
import { sealsOfApi, type Sealed } from '../../audit/seals-of-api.ts'
import { sealsOfFiles } from '../../audit/seals-of-files.ts'
import { CommandFailure } from '../../errors.ts'
import { isStandingStill } from '../../examine-audit.ts'
import { openClient } from '../../open-client.ts'
import { Output } from '../../output.ts'
import { configOf, type Environment, type Options } from '../../setting-flags.ts'
import { startTicker } from '../../ticker.ts'

interface VerifyOptions {
  readonly anchor?: readonly string[]
  readonly export?: readonly string[]
  readonly keyFile?: readonly string[]
}

export function addAuditVerify(audit: Command, env: Environment): void {
  withApi(audit.command('verify'))
    .description(
      'hold the audit log against its seals: say what was changed, removed or added, and which seal is the newest; exits 7 when it is not what was sealed',
    )
    .option(
      '--anchor <anchor...>',
      'seals that were written down elsewhere, as this command tells the head (`12:hash`), or files that hold some',
    )
    .option(
      '--export <file...>',
      'check what `audit export` wrote instead, one file or several that continue each other; no API is asked',
    )
    .option('--key-file <file...>', 'secrets that seals were made with (default: `audit-key`)')
    .action(async (options: Options) => {
      const { anchor = [], export: files, keyFile } = options as VerifyOptions
      const anchors = await anchorsOf(anchor)
      const keys = await keysOf(keyFile, options, env)
      if (files !== undefined) {
        const out = new Output(options, env)
        tell(out, await checkLog(sealsOfFiles(files), { keys, anchors, isPart: true }), [])
        return
      }
      const { api, out } = await openClient(options, env)
      const state = await api.ask({ path: '/v1/audit/seals', answer: AuditSeals })
      using ticker = startTicker(out)
      let told = -1
      const onSeal = ({ seal }: Sealed) => {
        const percent = Math.floor((100 * seal.seal) / Math.max(seal.seal, state.head?.seal ?? 1))
        if (percent === told || !out.live) return
        told = percent
        ticker.tick(`seal ${String(seal.seal)}`, percent)
      }
      const result = await checkLog(sealsOfApi(api, 0), { keys, anchors, onSeal })
      ticker.clear()
      tell(out, result, waiting(state))
    })
}

async function keysOf(
  files: readonly string[] | undefined,
  options: Options,
  env: Environment,
): Promise<readonly SealKey[]> {
  if (files === undefined)
    return sealKeys(configOf(options, env, { uses: ['store'] }).auditKey?.reveal() ?? '')
  try {
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
    return sealKeys(texts.join('\n'))
  } catch (error) {
    throw new CommandFailure(
      'usage',
      `The key cannot be read (${String((error as NodeJS.ErrnoException).code)}).`,
      {
        next: 'Name a file that you may read with --key-file.',
      },
    )
  }
}

function waiting({ unsealed }: AuditSeals): { readonly message: string; readonly ill: boolean }[] {
  const { count, since } = unsealed
  if (count === 0 || since === null) return []
  const ill = isStandingStill(unsealed)
  const message = `${String(count)} rows are not sealed yet, the first of them written at ${since}.`
  return [{ message: ill ? `${message} No worker seals: see \`wikistead instances\`.` : message, ill }]
}

const mostLines = 100

function tell(
  out: Output,
  { check, findings, first, keyed }: CheckedLog,
  unsealed: readonly { readonly message: string; readonly ill: boolean }[],
): void {
  const all = [
    ...findings,
    ...unsealed.filter(({ ill }) => ill).map(({ message }) => ({ kind: 'unsealed', message })),
  ]
  for (const finding of all) out.event('finding', finding)
  for (const { message } of all.slice(0, mostLines)) out.line(message)
  if (all.length > mostLines) out.line(`And ${String(all.length - mostLines)} more.`)
  const { last, rows, late } = check
  const head = last.seal === 0 ? null : anchorText(last)
  const summary = { head, first: last.seal === 0 ? null : first, rows, late, keyed_since: keyed ?? null }
  const lines = [
    ...(late === 0
      ? []
      : [`${String(late)} rows came after later ones had been sealed; an alarm told of them.`]),
    ...unsealed.filter(({ ill }) => !ill).map(({ message }) => message),
    ...(head === null ? ['Nothing is sealed yet.'] : [`Head: ${head}`]),
    keyed === undefined
      ? 'Made without a key: only a head that was written down elsewhere tells whether all of it was made anew.'
      : `Made with a key since seal ${String(keyed)}.`,
  ]
  if (all.length > 0) {
    out.event('checked', summary)
    for (const line of lines) out.line(line)
    throw new CommandFailure(
      'notAsSealed',
      `The audit log is not what was sealed: ${String(all.length)} findings.`,
      {
        code: 'not_as_sealed',
        next: 'Compare it with an export from before, and find out who could write to the database.',
      },
    )
  }
  const seals = last.seal === 0 ? 0 : last.seal - first + 1
  out.done(summary, `${String(rows)} rows under ${String(seals)} seals are what was sealed.`, ...lines)
}
