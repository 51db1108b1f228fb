import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OwnerFile } from './owner-file.js'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'owner-file-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function ownerFile(owner: unknown): Promise<OwnerFile> {
  const path = join(folder, 'owner.json')
  await writeFile(path, JSON.stringify(owner))
  return new OwnerFile(path)
}

test('a site belongs to the identity in its file, of any provider of passportjs', async () => {
  for (const provider of ['oauth2', 'github', 'google', 'twitter']) {
    const file = await ownerFile({ name: 'Alice', [provider]: { id: '7' } })
    expect(file.belongsTo({ [provider]: { id: '7' } })).toBe(true)
    expect(file.belongsTo({ [provider]: { id: '8' } })).toBe(false)
    expect(file.belongsTo({ [provider]: { id: 7 } })).toBe(false)
    expect(file.name()).toBe('Alice')
  }
  expect((await ownerFile({ github: { id: 7 } })).belongsTo({ github: { id: 7 } })).toBe(true)
})

test('the same id from another provider is another person', async () => {
  const file = await ownerFile({ name: 'Alice', github: { id: '7' } })
  expect(file.belongsTo({ oauth2: { id: '7' } })).toBe(false)
  // passportjs goes by the first identity too.
  expect(file.belongsTo({ oauth2: { id: '7' }, github: { id: '7' } })).toBe(false)
})

test('a sign-in without an id owns nothing, not even what has an owner without one', async () => {
  for (const owner of [{ name: 'x' }, { oauth2: {} }, { oauth2: { id: null } }, { oauth2: { id: '' } }]) {
    const file = await ownerFile(owner)
    for (const id of [undefined, null, '', NaN]) expect(file.belongsTo({ oauth2: { id } })).toBe(false)
    expect(file.belongsTo({ oauth2: {} })).toBe(false)
  }
})

test('names that objects have of themselves are no providers', async () => {
  const file = await ownerFile({ name: 'Alice', oauth2: { id: '7' } })
  for (const provider of ['constructor', '__proto__', 'name']) {
    expect(file.belongsTo({ [provider]: { id: '7' } })).toBe(false)
  }
  for (const user of ['', undefined, {}] as const) expect(file.belongsTo(user)).toBe(false)
})
