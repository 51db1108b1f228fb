/** No two wikis share any name that is derived from theirs, nor does one reach into another's, nor is any the farm's own. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cloneSourceName } from './database/clone-source.ts'
import { folderResidue } from './folder/claimed-folder.ts'
import { keyBeginnings } from './redis/redis-keys.ts'
import { redisUserName } from './redis/redis-user.ts'
import { searchUserName } from './search/search-user.ts'
import { farmIndex, farmIndexPatterns, indexBase, indexPatternsOf, isIndexOf } from './search/wiki-indices.ts'
import { databaseName, requireSlug } from './names/slug.ts'

/** Whatever stands in a derived name as a part of it, so that one wiki's name may look like another's with something behind. */
const parts = [
  ...[
    'vic',
    'content',
    'general',
    'archive',
    'titlesuggest',
    'first',
    '1763888400',
    'mw',
    'cirrus',
    'metastore',
  ],
  ...['wf', 'en', 'global', 'wancache', 'session', 'token', 'wiki', 'wikistead', '2'],
]
const long = 'a-'.repeat(31) + 'a'
const slugs = [
  ...parts,
  ...parts.flatMap((one) => parts.map((other) => `${one}-${other}`)),
  ...['vic-content-first', 'mw-cirrus-metastore', 'mw-cirrus-metastore-first', 'vic-content-content-first'],
  ...[
    long,
    `${long.slice(0, -1)}b`,
    `b${long.slice(1)}`,
    'a'.repeat(63),
    `${'a'.repeat(61)}-b`,
    'a-b-c',
    'ab-c',
    'abc',
  ],
].filter((slug) => isSlug(slug))
const databases = slugs.map(databaseName)

function isSlug(slug: string): boolean {
  try {
    return requireSlug(slug) === slug
  } catch {
    return false
  }
}
const pairs = function* (): Generator<readonly [string, string]> {
  for (const one of databases) for (const other of databases) if (one !== other) yield [one, other]
}
const reaches = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) =>
    pattern.startsWith('/')
      ? new RegExp(`^${pattern.slice(1, -1)}$`).test(name)
      : pattern.endsWith('*')
        ? name.startsWith(pattern.slice(0, -1))
        : name === pattern,
  )
/** Aliases and indices, as CirrusSearch makes them. */
const indexNames = (database: string): readonly string[] => {
  const base = indexBase(database)
  const suffixes = ['content', 'general', 'archive', 'titlesuggest'].map((kind) => `${base}_${kind}`)
  return [base, ...suffixes, ...suffixes.flatMap((name) => [`${name}_first`, `${name}_1763888400`])]
}

describe(`of ${String(slugs.length)} slugs`, () => {
  test('each has a database of its own, which is nobody’s clone source', () => {
    expect(new Set(databases).size).toBe(slugs.length)
    for (const language of ['en', 'zh-hans']) {
      expect(databases).not.toContain(cloneSourceName(language, '0'.repeat(24)))
    }
    for (const name of databases) expect(name).toMatch(/^(?!wf__)[a-z0-9_]{2,64}$/)
  })

  test('each has indices of its own: none is another’s, is taken for it or reached by its user', () => {
    const owners = new Map<string, string>()
    for (const database of databases) {
      for (const name of indexNames(database)) {
        expect(owners.get(name), name).toBeUndefined()
        owners.set(name, database)
      }
    }
    const wrong: string[] = []
    const known = new Map(databases.map((database) => [database, indexNames(database)]))
    for (const [one, other] of pairs()) {
      const [patterns, names = []] = [indexPatternsOf(one), known.get(other)]
      for (const name of names) {
        if (isIndexOf(one, name, names)) wrong.push(`${one} takes ${name}`)
        if (reaches(patterns, name)) wrong.push(`${one} reaches ${name}`)
      }
    }
    expect(wrong).toEqual([])
  })

  test('none is the farm’s own index, and who reaches that one reaches nobody’s', () => {
    for (const database of databases) {
      for (const name of [farmIndex, `${farmIndex}_first`, `${farmIndex}_1763888400`]) {
        expect(indexNames(database)).not.toContain(name)
        expect(reaches(indexPatternsOf(database), name)).toBe(false)
      }
      expect(indexNames(database).filter((name) => reaches(farmIndexPatterns, name))).toEqual([])
    }
  })

  test('no two share a beginning of keys in Redis, nor a user of Redis or OpenSearch', () => {
    const wrong: string[] = []
    for (const [one, other] of pairs()) {
      for (const mine of keyBeginnings(one)) {
        for (const theirs of keyBeginnings(other)) {
          if (mine.startsWith(theirs)) wrong.push(`${theirs} begins ${mine}`)
        }
      }
    }
    expect(wrong).toEqual([])
    for (const name of [redisUserName, searchUserName]) {
      expect(new Set(databases.map((database) => name(database))).size).toBe(databases.length)
    }
  })

  test('no two share a cookie, whose name begins with that of the database', () => {
    // Of MediaWiki 1.43 and 1.44: `$wgCookiePrefix` and one of these.
    const kinds = [
      '_session',
      'UserID',
      'UserName',
      'Token',
      'LoggedOut',
      '_BPsession',
      'BlockID',
      'UseDC',
      '-sess',
    ]
    const names = databases.flatMap((database) => kinds.map((kind) => `${database}${kind}`))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('folders', () => {
  let parent: string
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'wikistead-names-'))
    for (const own of ['.commands', '.php', '.hosts']) await mkdir(join(parent, own))
    for (const slug of slugs) {
      await mkdir(join(parent, slug))
      await mkdir(join(parent, `.wikistead.${slug}.0123abcd`))
    }
  })
  afterAll(() => rm(parent, { recursive: true }))

  test('of a wiki and of what is half made of it are no other’s', async () => {
    for (const slug of slugs) {
      expect((await folderResidue(parent, slug)).sort()).toEqual([`.wikistead.${slug}.0123abcd`, slug])
    }
  })
})
