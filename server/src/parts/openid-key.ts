import { join } from 'node:path'
import { keptSecret } from './kept-secret.ts'

/** What seals the keys that the APIs of this data folder sign with; made when it is missing. */
export const keptOpenidKey = (dataFolder: string): Promise<string> =>
  keptSecret(join(dataFolder, 'openid-key'))
