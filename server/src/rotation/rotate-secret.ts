/**
 * Changes a secret that two sides hold, while they go on: whoever takes it takes both, then whoever uses it uses the new
 * one, then the old one goes. Cut off at any point, the next run goes on from there.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSecretFile } from '@wikistead/config'
import { learnSecret } from '@wikistead/contracts/hide-secrets'
import { SetupError, tryLock } from '@wikistead/processes'
import type { Store } from '@wikistead/store'
import { printOf, RotationNote, stateOf } from './rotation-state.ts'
import { replaceLines } from './secret-lines.ts'

/** A secret of the settings, and who is concerned by it. */
export interface RotatedSecret {
  /** The setting's name. */
  readonly setting: string
  /** The file that holds it, which everybody concerned on this machine reads anew. */
  readonly path: string
  /** @throws SetupError while somebody who is to take the new one does not */
  requireTaken(next: string): Promise<void>
  /** Tells those who do not read the file; nothing for those who have it already. */
  hand(next: string): Promise<void>
  /** Machines that have a copy of the file, which must be renewed before what comes next. */
  others(before: 'use' | 'drop'): Promise<readonly string[]>
  /** How long what was made with the old one may be under way, in milliseconds. */
  readonly graceMs: number
}

type RotationStep = 'resumed' | 'both_taken' | 'new_used' | 'waiting' | 'old_dropped'

export interface RotationOptions {
  readonly store: Store
  readonly dataFolder: string
  /** The other machines have the file as it is now. */
  readonly everywhere?: boolean
  readonly onStep?: (step: RotationStep, message: string) => void | Promise<void>
}

/** @throws SetupError with what to do; the same call goes on then */
export async function rotateSecret(secret: RotatedSecret, options: RotationOptions): Promise<void> {
  const { store, dataFolder, onStep = () => undefined } = options
  const { setting, path } = secret
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  using lock = tryLock(join(dataFolder, 'rotation-lock'))
  if (lock === undefined)
    throw new SetupError('Another rotation is under way on this machine: wait for its end.')
  const note = new RotationNote(dataFolder, setting)
  let { everywhere = false } = options
  const requireOthers = async (before: 'use' | 'drop'): Promise<void> => {
    const machines = await secret.others(before)
    if (machines.length > 0 && !everywhere) {
      throw new SetupError(
        `Copy ${path} as it is now to ${machines.join(', ')}, then run this again with --everywhere.`,
      )
    }
    // It said so of the file as it was.
    everywhere = false
  }
  const audit = (action: string) => tellAudit(store, action, setting)

  let state = stateOf(linesOf(path), await note.read())
  if (state.at === 'unknown') {
    throw new SetupError(
      `${path} has more than one line, and no rotation of this machine is under way: leave there the secret that is in use.`,
    )
  }
  if (state.at === 'rest') {
    await audit('rotate begun')
    const next = randomBytes(32).toString('hex')
    learnSecret(next)
    await note.write(printOf(next))
    await replaceLines(path, [state.old, next])
    state = { at: 'both', next, old: state.old }
  } else await onStep('resumed', 'A rotation that was cut off goes on.')

  if (state.at === 'both') {
    const { next, old } = state
    await requireOthers('use')
    await secret.requireTaken(next)
    await onStep('both_taken', 'Both the old secret and the new one are taken.')
    await replaceLines(path, [next, old])
    state = { at: 'used', next, old }
  }
  if (state.at === 'used') {
    const { next } = state
    await secret.requireTaken(next)
    await secret.hand(next)
    await onStep('new_used', 'The new secret is used.')
    await requireOthers('drop')
    await onStep('waiting', `Waiting ${String(secret.graceMs / 1_000)} s for what was made with the old one.`)
    await sleep(secret.graceMs)
    // Somebody may have written what they had read before.
    await secret.hand(next)
    await replaceLines(path, [next])
  }
  await audit('rotate ended')
  await note.remove()
  await onStep('old_dropped', 'The old secret is taken no more.')
}

function linesOf(path: string): readonly string[] {
  try {
    return readSecretFile(path)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    throw new SetupError(`${path} cannot be read: ${why}`, { cause: error })
  }
}

/** Whoever may write the secret's file: nobody else knows who that was. */
export async function tellAudit(store: Store, action: string, setting: string): Promise<void> {
  await store.audit.append([
    {
      ...{ at: store.now(), userId: null, actingBy: 'system', action, subject: `setting/${setting}` },
      ...{ status: 200, address: null, code: null, requestId: randomUUID() },
    },
  ])
}
