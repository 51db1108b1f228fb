import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { beginSignIn, readState } from './sign-in-state.js'

const beginner = { key: 'the key of the farm', provider: 'oauth2', browser: 'what the browser keeps' }
const now = Date.UTC(2030, 0, 1)
const minutes = (count: number) => now + count * 60_000

test('a sign-in ends as it began, within ten minutes', () => {
  const { state, challenge } = beginSignIn(beginner, now)
  const signIn = readState(state, beginner, minutes(9))
  expect(signIn).toMatchObject({ id: state.split('.')[0], expires: minutes(10) })
  expect(createHash('sha256').update(signIn!.verifier).digest('base64url')).toBe(challenge)
  expect(signIn!.verifier).toMatch(/^[\w-]{43}$/)
  expect(readState(state, beginner, minutes(10))).toBe(undefined)
})

test('two of one browser are two', () => {
  const [one, two] = [beginSignIn(beginner, now), beginSignIn(beginner, now)]
  expect(one.state).not.toBe(two.state)
  expect(one.challenge).not.toBe(two.challenge)
  expect([one, two].map(({ state }) => readState(state, beginner, now))).not.toContain(undefined)
})

test('it ends nowhere else', () => {
  const { state } = beginSignIn(beginner, now)
  for (const [what, other] of Object.entries({ key: 'another', provider: 'github', browser: 'another' })) {
    expect(readState(state, { ...beginner, [what]: other }, now), what).toBe(undefined)
  }
})

test('nothing else is a state', () => {
  const [id = '', expires = '', mac = ''] = beginSignIn(beginner, now).state.split('.')
  const other = beginSignIn(beginner, now).state.split('.')
  const bad: unknown[] = [
    undefined,
    null,
    7,
    [`${id}.${expires}.${mac}`],
    {},
    '',
    '.',
    '..',
    id,
    `${id}.${expires}`,
  ]
  bad.push(`${id}.${expires}.`, `${id}.${Number(expires) + 1}.${mac}`, `${other[0]}.${expires}.${mac}`)
  bad.push(
    `${id}.${expires}.${other[2]}`,
    `${id}.${expires}.${mac}.`,
    ` ${id}.${expires}.${mac}`,
    `${id}.0${expires}.${mac}x`,
  )
  for (const state of bad) expect(readState(state, beginner, now), String(state)).toBe(undefined)
})
