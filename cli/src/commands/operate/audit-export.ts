/** `wikistead audit export`: the sealed part of the audit log, line by line, going on where the last one ended. */
import { open, readFile, rename } from 'node:fs/promises'
import process from 'node:process'
import { canonical, type Seal } from '@wikistead/contracts/audit-seals'
import { InvalidArgumentError, type Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { anchorsIn, anchorText, type Anchor } from '../../audit/anchors.ts'
import { sealsOfApi } from '../../audit/seals-of-api.ts'
import { CommandFailure } from '../../errors.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

interface ExportOptions {
  readonly after?: number
  readonly state?: string
}

export function addAuditExport(audit: Command, env: Environment): void {
  withApi(audit.command('export'))
    .description(
      'print the sealed part of the audit log as JSON, a row a line and after its rows each seal; `audit verify --export` checks it anywhere',
    )
    .option('--after <seal>', 'only what comes after the seal of this number', sealNumber)
    .option(
      '--state <file>',
      'go on where the export before ended, which this file tells; it is made at the first one',
    )
    .action(async (options: Options) => {
      const { after, state } = options as ExportOptions
      if (after !== undefined && state !== undefined) {
        throw new CommandFailure('usage', 'Say --after or --state, not both.')
      }
      const { api } = await openClient(options, env)
      const before = state === undefined ? undefined : await anchorIn(state)
      let last: Anchor | undefined
      let count = 0
      // Where the last one ended is looked at again: that seal must still be what it was.
      const from = before === undefined ? (after ?? 0) : before.seal - 1
      for await (const { seal, rows } of sealsOfApi(api, from)) {
        if (last === undefined && before !== undefined) requireSame(before, seal)
        else {
          if (last !== undefined) requireNext(last, seal)
          await print([...rows, { ...seal }].map((line) => `${canonical(line)}\n`).join(''))
          count += 1
        }
        last = seal
      }
      if (before !== undefined && last === undefined) throw gone(before)
      // Only now: what was not printed whole is printed again.
      if (state !== undefined && last !== undefined) await write(state, `${anchorText(last)}\n`)
      const told = {
        event: 'done',
        ok: true,
        seals: count,
        head: last === undefined ? null : anchorText(last),
      }
      const line = `${String(count)} seals were exported${last === undefined ? '' : `, up to ${anchorText(last)}`}.`
      process.stderr.write(`${options['json'] === true ? JSON.stringify(told) : line}\n`)
    })
}

function sealNumber(given: string): number {
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new InvalidArgumentError('It is the number of a seal.')
}

function requireSame(before: Anchor, found: Anchor): void {
  if (found.seal !== before.seal || found.hash !== before.hash) throw gone(before)
}

function requireNext(last: Anchor, { seal, previous }: Seal): void {
  if (seal === last.seal + 1 && previous === last.hash) return
  throw notAsSealed(`Seal ${String(seal)} does not follow ${anchorText(last)}.`)
}

const gone = (before: Anchor): CommandFailure =>
  notAsSealed(`The export before ended with ${anchorText(before)}, which is gone or another.`)

const notAsSealed = (message: string): CommandFailure =>
  new CommandFailure('notAsSealed', message, {
    ...{ code: 'not_as_sealed', next: 'See what was changed with `wikistead audit verify`.' },
  })

async function anchorIn(file: string): Promise<Anchor | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new CommandFailure('usage', `${file} cannot be read (${String(code)}).`)
  }
  const anchor = anchorsIn(text).at(-1)
  if (anchor !== undefined) return anchor
  throw new CommandFailure('usage', `${file} does not tell where an export ended.`, {
    next: 'Name the file of the export before, or one that is not there to begin anew.',
  })
}

async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (error === null || error === undefined) resolve()
      else reject(error)
    })
  })
}

/** The file is the old one or the new one, whole. */
async function write(path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`
  await using file = await open(unfinished, 'w', 0o600)
  await file.writeFile(text)
  await file.sync()
  await rename(unfinished, path)
}
