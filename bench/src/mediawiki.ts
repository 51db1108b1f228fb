import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startMediaWikiFarm, type MediaWikiFarm, type Template } from './mediawiki-farm.ts'
import { MediaWikiRounds, type OneAfterAnother } from './mediawiki-rounds.ts'
import { milliseconds, summarize } from './measure.ts'
import { markdownTable, ms, times, type Row } from './table.ts'

const rounds = 8

interface Path {
  /** As the table says it. */
  readonly called: string
  readonly template: Template
  readonly install: 'run' | 'clone'
  /** What the script copies; its first is the one that the goal is of. */
  readonly against: readonly [Template, ...Template[]]
  readonly goal: number
  readonly atOnce: readonly number[]
}

const paths: readonly Path[] = [
  {
    ...{ called: 'thin template, installed', template: 'thin', install: 'run' },
    ...{ against: ['thin'], goal: 1, atOnce: [2, 4, 8] },
  },
  {
    ...{ called: 'full template, installed', template: 'full', install: 'run' },
    ...{ against: ['full'], goal: 1, atOnce: [] },
  },
  {
    ...{ called: 'thin template, cloned', template: 'thin', install: 'clone' },
    ...{ against: ['thin', 'full'], goal: 0.35, atOnce: [2, 4, 8] },
  },
]

/** A MediaWiki wiki until it can be used, against a plain shell script of the same steps, which always installs. */
export async function benchMediaWiki(env: Readonly<Record<string, string | undefined>>): Promise<Row[]> {
  await using farm = await startMediaWikiFarm(env)
  const rows: Row[] = [
    plain('where all of it is', farm.withoutXfs === undefined ? 'XFS, a loop image' : 'no XFS'),
  ]
  for (const path of paths) rows.push(...(await measure(farm, path)))
  return [...rows, await reflink(farm)]
}

async function measure(farm: MediaWikiFarm, path: Path): Promise<Row[]> {
  const { called, template, install, against, atOnce } = path
  await using wikistead = await farm.wikistead(template, install)
  const making = new MediaWikiRounds(farm, wikistead, `${template}${install}`)
  const measured = await making.oneAfterAnother(rounds, against)
  const rows: Row[] = against.map((peer) => ratioRow(path, measured, peer))
  rows.push(...phaseRows(called, measured, against[0]))
  for (const wikis of atOnce) {
    const { ours, script, processorMs } = await making.atOnce(wikis, 3, against[0])
    rows.push({
      what: `${called}: ${String(wikis)} at once, with their index`,
      ours: `${aSecond(ours)} (Wikistead and Temporal themselves: ${ms(processorMs)} of processor a wiki)`,
      peer: `script, ${against[0]} template: ${aSecond(script)}`,
      ...{ result: times(ours / script), goal: '≥ 1×', met: ours >= script },
    })
  }
  console.error(markdownTable(rows))
  return rows
}

function ratioRow({ called, goal }: Path, { ours, script }: OneAfterAnother, peer: Template): Row {
  const runs = script.get(peer) ?? []
  const us = summarize(ours.map(({ usableMs }) => usableMs))
  const them = summarize(runs.map(({ usableMs }) => usableMs))
  const pairs = ours.map(({ usableMs }, round) => usableMs / (runs[round]?.usableMs ?? 0))
  const ratio = summarize(pairs).p50
  return {
    what: `${called}: until usable (p50)`,
    ours: `${ms(us.p50)} (max ${ms(us.max)})`,
    peer: `script, ${peer} template: ${ms(them.p50)}`,
    ...{ result: times(ratio), goal: `≤ ${String(goal)}×`, met: ratio <= goal },
  }
}

/** Where the time goes, beside the script's own steps; medians, so they add up to no more than about the whole. */
function phaseRows(called: string, { ours, script }: OneAfterAnother, peer: Template): Row[] {
  const runs = script.get(peer) ?? []
  const p50 = (values: readonly number[]) => summarize(values).p50
  const row = (what: string, mine: readonly number[], step?: string): Row =>
    plain(
      `… ${called}: ${what}`,
      ms(p50(mine)),
      step === undefined ? '' : `script: ${ms(p50(runs.map(({ steps }) => steps.get(step) ?? 0)))}`,
    )
  const phases = [...(ours[0]?.phases.keys() ?? [])]
  return [
    row(
      'until it has begun',
      ours.map(({ untilBegunMs }) => untilBegunMs),
    ),
    ...phases.map((phase) =>
      row(
        phase === 'oauth' ? `\`${phase}\`, beside the others` : `\`${phase}\``,
        ours.map((create) => create.phases.get(phase) ?? 0),
        phase,
      ),
    ),
    row(
      'between the phases',
      ours.map(({ betweenMs }) => betweenMs),
    ),
  ]
}

/** A full template copied with shared blocks and without. */
async function reflink(farm: MediaWikiFarm): Promise<Row> {
  const what = 'copy of a full template (p50 of 5)'
  if (farm.withoutXfs !== undefined) return plain(what, 'skipped', `no XFS: ${farm.withoutXfs}`)
  const copy = (how: 'always' | 'never', round: number) =>
    milliseconds(() =>
      promisify(execFile)('cp', [
        ...['-a', `--reflink=${how}`, farm.template('full')],
        join(farm.folder, `copy-${how}-${String(round)}`),
      ]),
    )
  const [shared, whole]: [number[], number[]] = [[], []]
  for (let round = -1; round < 5; round += 1) {
    const [a, b] = [await copy('always', round), await copy('never', round)]
    if (round < 0) continue
    shared.push(a)
    whole.push(b)
  }
  const ratio = summarize(shared.map((value, round) => value / (whole[round] ?? 0))).p50
  return {
    ...plain(what, `reflink: ${ms(summarize(shared).p50)}`, `every byte: ${ms(summarize(whole).p50)}`),
    result: times(ratio),
  }
}

const aSecond = (value: number): string => `${value.toFixed(2)} wikis/s`

const plain = (what: string, ours: string, peer = ''): Row => ({
  ...{ what, ours, peer, result: '', goal: '', met: undefined },
})
