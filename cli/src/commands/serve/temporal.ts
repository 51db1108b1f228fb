/** `wikistead temporal prepare`: what a Temporal that others run must have before the first `api` and `worker`. */
import { formatDuration, parseDuration } from '@wikistead/config'
import { InvalidArgumentError, type Command } from 'commander'
import { withJson } from '../../api-place.ts'
import { Output } from '../../output.ts'
import { configOf, withSettings, type Environment, type Options } from '../../setting-flags.ts'

export function addTemporal(program: Command, env: Environment): void {
  const temporal = program.command('temporal').description('the Temporal that others run')
  withJson(withSettings(temporal.command('prepare')))
    .description(
      'make the namespace, or make it keep what has ended for long enough; can be repeated, and removes nothing',
    )
    .option(
      '--retention <duration>',
      'at least so long, from 1d (default: 30d for a new one; one that keeps 7d or more is left as it is)',
      retention,
    )
    .option('--dry-run', 'say what would be done, and do nothing')
    .action(async ({ retention: retentionMs, dryRun, ...options }: Options) => {
      const out = new Output(options, env)
      const config = configOf(options, env, { uses: ['temporal'], onNote: (note) => out.note(note) })
      const { prepareTemporal } = await import('@wikistead/server/temporal')
      const prepared = await prepareTemporal(config, env, {
        retentionMs: retentionMs as number | undefined,
        dryRun: dryRun === true,
      })
      const { address, namespace, serverVersion, steps } = prepared
      const kept = formatDuration(prepared.retentionMs)
      const would = dryRun === true ? 'To be done: ' : 'Done: '
      out.done(
        {
          ...{ address, namespace, server_version: serverVersion, dry_run: dryRun === true },
          retention_seconds: prepared.retentionMs / 1_000,
          steps: steps.map((step) => ({ step: step.do, retention_seconds: step.retentionMs / 1_000 })),
        },
        `Temporal ${serverVersion} at ${address}`,
        ...steps.map(({ words }) => `${would}${words}.`),
        ...(steps.length === 0 ? [`Namespace ${namespace} fits: it keeps what has ended for ${kept}.`] : []),
      )
    })
}

function retention(given: string): number {
  const milliseconds = parseDuration(given)
  if (milliseconds !== undefined && milliseconds >= 24 * 60 * 60 * 1_000) return milliseconds
  throw new InvalidArgumentError('It is a number with its unit, from 1d: 30d.')
}
