import { CancelledFailure, type ApplicationFailure } from '@temporalio/common'
import { Refusal, sentences, type RefusalCode } from '@wikistead/contracts'
import { openStore } from '@wikistead/store'
import { describe, expect, test } from 'vitest'
import { classify, toActivityFailure } from './activity-failure.ts'

const info = {
  attempt: 3,
  retryPolicy: {
    initialInterval: 1_000,
    backoffCoefficient: 2,
    maximumInterval: 300_000,
    maximumAttempts: 8,
  },
}
const failureOf = (error: unknown) => toActivityFailure(error, info) as ApplicationFailure
const explained = (message: string, retryAfterMs?: number) =>
  Object.assign(new Error(message), {
    final: false as const,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })

describe('what Temporal is told of a failed attempt', () => {
  test.each<RefusalCode>(['farm_conflict', 'farm_forbidden', 'farm_unauthorized', 'farm_rejected'])(
    '%s is the founding document’s FarmManagerAPIError, never retried',
    (code) => {
      expect(failureOf(new Refusal(code, 'a sentence'))).toMatchObject({
        ...{ type: 'FarmManagerAPIError', nonRetryable: true, message: 'a sentence' },
        details: [{ code }],
      })
    },
  )

  test('any other refusal is final under its own code', () => {
    expect(failureOf(new Refusal('quota_reached', sentences.undone))).toMatchObject({
      ...{ type: 'quota_reached', nonRetryable: true, details: [{ code: 'quota_reached' }] },
    })
  })

  test('a fault is retried, and its words are kept only where they were written for people', () => {
    expect(failureOf(explained('The farm did not answer in time.'))).toMatchObject({
      ...{ type: 'fault', nonRetryable: false, message: 'The farm did not answer in time.' },
    })
    expect(failureOf(new Error('connect ECONNREFUSED root:hunter2@db')).message).not.toContain('hunter2')
  })

  test.each([
    [
      'MariaDB',
      Object.assign(new Error("CREATE USER x IDENTIFIED BY 'hunter2'"), { errno: 1064, sqlState: '42000' }),
    ],
    ['SQLite', Object.assign(new Error("near 'hunter2': syntax error"), { errcode: 1 })],
  ])('nothing of a statement that %s did not take gets into the history', (_engine, error) => {
    const failure = failureOf(error)
    expect(JSON.stringify([failure.message, failure.stack, failure.details, failure.cause])).not.toContain(
      'hunter2',
    )
    expect(failure.message).toBe('The database could not be reached or did not take the change.')
  })

  test('our own database’s faults are told from everybody else’s, and retried', async () => {
    const nobody = { engine: 'mariadb', host: '127.0.0.1', port: 1, user: 'root', database: 'store' } as const
    const error: unknown = await openStore(nobody).catch((refused: unknown) => refused)
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    expect(failureOf(error)).toMatchObject({
      ...{ type: 'store_unavailable', nonRetryable: false, details: [{ code: 'store_unavailable' }] },
    })
    expect(failureOf(Object.assign(new Error('refused'), { errno: 1045, sqlState: '28000' })).type).toBe(
      'fault',
    )
  })

  test('a longer Retry-After goes before the policy’s wait, a shorter one does not', () => {
    expect(failureOf(explained('later', 60_000)).nextRetryDelay).toBe(60_000)
    // After the third attempt the policy waits four seconds.
    for (const shorter of [0, 1, 4_000]) {
      expect(failureOf(explained('soon', shorter)).nextRetryDelay).toBeUndefined()
    }
  })

  test('cancellation passes as it is', () => {
    for (const error of [new CancelledFailure('cancelled'), new DOMException('gone', 'AbortError')]) {
      expect(toActivityFailure(error, info)).toBe(error)
    }
  })
})

test('what is neither a refusal nor explained is a fault of ours, whatever was thrown', () => {
  for (const thrown of [undefined, null, 'text', 7, {}, new TypeError('x is undefined')]) {
    expect(classify(thrown)).toEqual({
      ...{ final: false, code: 'fault' },
      cause: 'An unexpected fault; the operator finds its details in the log.',
    })
  }
})
