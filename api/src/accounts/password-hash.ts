/** Passwords are kept as Argon2id hashes, in the PHC's string format: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

interface Cost {
  /** KiB */
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/** OWASP's first recommendation of least memory; a hash of another cost is made anew at the next sign-in. */
const cost: Cost = { memory: 19_456, passes: 2, parallelism: 1 }

const derive = promisify(argon2)

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derived(password, salt, cost, 32)
  return `$argon2id$v=19$${costWords(cost)}$${unpadded(salt)}$${unpadded(hash)}`
}

/** Takes as long for whoever is not known, or has no password: `kept` is null then, and the answer false. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const { cost, salt, hash } = parsed(kept ?? (await nobodys()))
  const found = await derived(password, salt, cost, hash.length)
  return timingSafeEqual(found, hash) && kept !== null
}

export const isOfOtherCost = (kept: string): boolean => !kept.includes(`$${costWords(cost)}$`)

/** As whoever types the same on another keyboard sends it. */
const derived = (password: string, nonce: Buffer, { memory, passes, parallelism }: Cost, tagLength: number) =>
  derive('argon2id', {
    message: Buffer.from(password.normalize('NFKC')),
    ...{ nonce, memory, passes, parallelism, tagLength },
  })

let nobodysHash: Promise<string> | undefined
const nobodys = (): Promise<string> => (nobodysHash ??= hashPassword(randomBytes(32).toString('base64url')))

const costWords = ({ memory, passes, parallelism }: Cost): string =>
  `m=${String(memory)},t=${String(passes)},p=${String(parallelism)}`

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

function parsed(kept: string): { readonly cost: Cost; readonly salt: Buffer; readonly hash: Buffer } {
  const [, memory, passes, parallelism, salt, hash] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(kept) ?? []
  if (salt === undefined || hash === undefined)
    throw new Error('a password is kept in a way that is not ours')
  return {
    cost: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    ...{ salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') },
  }
}
