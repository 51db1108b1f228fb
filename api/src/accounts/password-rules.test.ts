import { expect, test } from 'vitest'
import { hashPassword, isOfOtherCost, isPassword } from './password-hash.ts'
import { knownPasswords } from './known-passwords.ts'
import { requirePassword } from './password-rules.ts'

test.each([
  ['short', 'password_too_short'],
  // Nine characters, of two code units each.
  ['🦉'.repeat(9), 'password_too_short'],
  ['', 'password_too_short'],
  ['passwordpassword', 'password_known'],
  ['Password123', 'password_known'],
  ['!!qwertyuiop', 'password_known'],
  ['1234567890', 'password_known'],
  ['123456789012', 'password_known'],
  ['abcdefghijklmnop', 'password_known'],
  ['aaaaaaaaaaaa', 'password_known'],
  ['abcabcabcabca', 'password_known'],
  ['ada lovelace', 'password_known'],
  ['ADA LOVELACE1815', 'password_known'],
  ['ada@example.org!', 'password_known'],
  // Full-width letters are the same on another keyboard.
  ['ｐａｓｓｗｏｒｄ１２３', 'password_known'],
])('%s is refused: %s', async (password, code) => {
  const known = await knownPasswords()
  expect(() => {
    requirePassword(password, ['Ada Lovelace', 'ada@example.org'], known)
  }).toThrow(expect.objectContaining({ code }) as Error)
})

test.each(['correct horse battery', 'seven owls at noon', '猫头鹰在图书馆里读一本书', 'x7#kQ2!mWz9@'])(
  '%s is taken',
  async (password) => {
    const known = await knownPasswords()
    expect(() => {
      requirePassword(password, ['Ada'], known)
    }).not.toThrow()
  },
)

test('a hash is Argon2id, another each time, and fits its password alone', async () => {
  const [one, other] = [await hashPassword('seven owls'), await hashPassword('seven owls')]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
  expect(one).not.toBe(other)
  expect(await isPassword('seven owls', one)).toBe(true)
  expect(await isPassword('Seven owls', one)).toBe(false)
  expect(await isPassword('seven owls', null)).toBe(false)
  // Composed or not, it is the same word.
  expect(await isPassword('Zoe\u0308 at noon', await hashPassword('Zoë at noon'))).toBe(true)
})

test('a hash of another cost still fits, and is known as one to be made anew', async () => {
  // From the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1`.
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await isPassword('password', reference)).toBe(true)
  expect(await isPassword('passwort', reference)).toBe(false)
  expect(isOfOtherCost(reference)).toBe(true)
  expect(isOfOtherCost(await hashPassword('x'))).toBe(false)
})
