/**
 * What `audit export` wrote, in one file or in several that continue each other: each row on a line, and after the rows of
 * a seal the seal. What was exported twice counts once; rows without a seal at the end of a file were cut off.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Line, Seal } from '@wikistead/contracts/audit-seals'
import { z } from 'zod'
import { CommandFailure } from '../errors.ts'
import type { Sealed } from './seals-of-api.ts'

const Row = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))
const SealLine = z.object({
  ...{ seal: z.number(), previous: z.string(), up_to: z.number(), at: z.number() },
  ...{ key_id: z.string().nullable().default(null), row_count: z.number(), late: z.number() },
  ...{ entries: z.string(), hash: z.string() },
})

/** @throws CommandFailure where a file cannot be read */
export async function* sealsOfFiles(files: readonly string[]): AsyncGenerator<Sealed> {
  const taken = new Set<string>()
  for (const file of files) {
    let rows: Line[] = []
    let number = 0
    try {
      for await (const text of createInterface({ input: createReadStream(file, 'utf8') })) {
        number += 1
        if (text.trim() === '') continue
        const line = Row.parse(JSON.parse(text))
        if (!('seal' in line)) {
          rows.push(line)
          continue
        }
        const seal: Seal = SealLine.parse(line)
        const identity = `${String(seal.seal)}:${seal.hash}`
        if (!taken.has(identity)) yield { seal, rows }
        taken.add(identity)
        rows = []
      }
    } catch (error) {
      if (error instanceof CommandFailure) throw error
      const { message, code } = error as NodeJS.ErrnoException
      const why = code ?? `line ${String(number)} is no row and no seal`
      throw new CommandFailure('usage', `${file} cannot be read as an export (${why}).`, {
        code: 'no_export',
        next: code === undefined ? `What is wrong with it: ${message.split('\n', 1)[0] ?? ''}` : undefined,
      })
    }
  }
}
