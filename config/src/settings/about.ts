/** What a setting says about itself, beside what is legal. */
import { z } from 'zod'

export interface About {
  /** Stands in the table and behind the flag: `--port <port>`. */
  readonly type: string
  readonly meaning: string
  /** Words for a default that is worked out; others are read from the schema. */
  readonly default?: string
  /** Only for names that were fixed before the rule; see `settings.ts`. */
  readonly env?: string
  /** May come from a file of its own, and is never shown. */
  readonly secret?: true
  /** Of a secret: its file may hold two lines, and is read anew when it changes; see `secret-file.ts`. */
  readonly rotates?: true
}
export const about = z.registry<About>()
