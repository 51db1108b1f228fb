/** docs/tasks.md: what each task does to a wiki, how it may end, and until when it can be taken back. */
import { everyOperation, type Operation } from '@wikistead/contracts'
import { markdownTable } from '@wikistead/contracts/markdown-table'

export function operationsPage(): string {
  return `# What tasks do to a wiki

Written by \`npm run docs\` from \`contracts/src/operations.ts\`.

A task is let in when its wiki is in one of the statuses of the second column, and is then the wiki's only one. However it
ends, the wiki is in the status that the row says; a wiki that turns out to be gone is \`deleted\`. What could not be taken
back yet keeps the wiki in the status of the third column, its name claimed, and the task is \`failed\` with
\`rollback_incomplete\`.

${(['mediawiki', 'fedwiki'] as const).map(section).join('\n')}
## The point of no return

Until it everything that a task made is taken back when the task fails or is cancelled. From it on the ledger itself says
that there is nothing to undo (its lines are \`sealed\`, in the transaction that makes it so), and no time-out, cancellation,
sweep or retry reaches it:

- Most tasks have it at their own end.
- A new MediaWiki wiki is past it when \`flip_bootstrap\` has ended: people use it from then on. What is left of the task is
  its search index. Cancelling the task ends the indexing, not the wiki; whoever wants the wiki away deletes it, with its
  undo window. A failed or cancelled index is a warning, and \`wikistead retry TASK\` does it again.
- Removing a wiki for good has it at its beginning: half a wiki serves nobody, so what was begun is ended. A removal that
  never began leaves the wiki as it was; one after an undo window is tried again after an hour, then ever more seldom, and
  an operator hears of it (\`purge_failed\`).
- Suspending a wiki, and lifting that, leave it in the status that it has; only the other decision takes one back
  ([operations.md](operations.md#suspending-a-wiki)).
- A sync compares our own rows, a few in each transaction, and has nothing to take back.

Closing a task needs neither host nor farm.
`
}

function section(engine: (typeof everyOperation)[number]['engine']): string {
  const rows = everyOperation.filter((operation) => operation.engine === engine)
  const name = engine === 'mediawiki' ? 'MediaWiki' : 'FedWiki'
  return `## ${name}

${markdownTable([head, ...rows.map(cells)])}
`
}

const head = [
  'task',
  'let in from',
  'meanwhile',
  'when it succeeds',
  'when it failed and all is undone',
  'until when it can be taken back',
]

function cells({ kind, from, meanwhile, succeeded, failed, pointOfNoReturn }: Row): string[] {
  return [
    code(kind),
    from.length === 0 ? '–' : from.map(code).join(', '),
    meanwhile === undefined ? '–' : code(meanwhile),
    succeeded === undefined ? '–' : code(succeeded),
    failed === undefined ? '–' : failed === 'as_before' ? 'as before' : code(failed),
    `the ${pointOfNoReturn.at === 'end' ? 'end' : 'beginning'} of ${code(pointOfNoReturn.of)}`,
  ]
}

type Row = Operation & Pick<(typeof everyOperation)[number], 'kind'>

const code = (text: string): string => `\`${text}\``
