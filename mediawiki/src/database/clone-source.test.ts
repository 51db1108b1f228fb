import { randomBytes } from 'node:crypto'
import { chmod, cp, mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { schemaOf } from '@wikistead/mediawiki-template/test/database-content'
import fc from 'fast-check'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startCloneFarm, type CloneFarm } from '../../test/clone-farm.ts'
import { codeOf } from '../../test/code-of.ts'
import { startCuttingProxy } from '../../test/cutting-proxy.ts'
import { startStep } from '../../test/step-process.ts'
import { cloneSourceName, ensureCloneSource, type CloneSource } from './clone-source.ts'
import names from '../names/namespace-names.json' with { type: 'json' }
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import { databaseName } from '../names/slug.ts'

describe('the name of a fresh wiki’s database', () => {
  const print = 'f'.repeat(24)

  test('is no slug’s', () => {
    const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/)
    fc.assert(
      fc.property(label, (slug) => slug.slice(2, 4) === '--' || !databaseName(slug).startsWith('wf__')),
      { numRuns: 2_000 },
    )
    expect(() => databaseName(`wf--de-${print}`)).toThrow()
  })

  test('fits into a grant, with its underscores escaped, in every language', () => {
    for (const language of Object.keys(names)) {
      const name = cloneSourceName(language, print)
      expect(name).toMatch(/^[a-z0-9_]+$/)
      expect(name.replaceAll('_', '\\_').length, name).toBeLessThanOrEqual(64)
    }
    expect(() => cloneSourceName('xx', print)).toThrow('MediaWiki has no language "xx".')
  })
})

describe('a fresh wiki’s database', () => {
  let farm: CloneFarm
  let source: CloneSource
  let output: string[]
  beforeAll(async () => {
    farm = await startCloneFarm()
  })
  afterAll(() => farm[Symbol.asyncDispose]())
  beforeEach(() => {
    output = []
    source = {
      ...farm.source,
      runner: farm.runner,
      language: 'en',
      // No test finds what another made.
      farm: { ...farm.source.farm, more: { TEST: randomBytes(4).toString('hex') } },
      onOutput: ({ line }) => output.push(line),
    }
  })

  const installed = () => output.filter((line) => line === 'Installation complete.').length
  const commentOf = async (database: string) =>
    (
      await farm.query(
        `SELECT SCHEMA_COMMENT FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${database}'`,
      )
    )[0]?.['SCHEMA_COMMENT'] as string | undefined
  const freshFolders = async () =>
    (await readdir(source.wikisFolder)).filter((name) => name.startsWith('.fresh'))
  const freshDatabases = async () =>
    (await farm.query(String.raw`SHOW DATABASES LIKE 'wf\_\_%'`)).map((row) => String(Object.values(row)[0]))
  const usersOf = (database: string) => farm.query(`SELECT Host FROM mysql.user WHERE User = '${database}'`)
  const schema = async (database: string) => {
    await using ending = new AsyncDisposableStack()
    const { socketPath = '' } = source.server
    const connection = await createConnection({ socketPath, user: 'root', database })
    ending.defer(() => connection.end())
    return await schemaOf({
      query: async (statement) => (await connection.query<RowDataPacket[]>(statement))[0],
    })
  }
  const nobodyLeft = async (database: string) => {
    expect(await freshFolders()).toEqual([])
    expect(await usersOf(database)).toEqual([])
    expect(await farm.query(`SELECT Db FROM mysql.db WHERE User = '${database}'`)).toEqual([])
  }
  /** A template of its own, to be changed. */
  const ownTemplate = async () => {
    const template = join(farm.site.farm.folder, `template-${randomBytes(4).toString('hex')}`)
    await cp(source.template, template, { recursive: true, verbatimSymlinks: true })
    return template
  }

  test('is made once, whoever asks at the same time, and then found at once', async () => {
    const asked = Array.from({ length: 4 }, () => ensureCloneSource(source))
    const [database = '', ...others] = await Promise.all(asked)
    expect(new Set(others)).toEqual(new Set([database]))
    expect(installed()).toBe(1)
    expect(await commentOf(database)).toBe('wikistead fresh=done')
    expect(Object.keys(await schema(database)).length).toBeGreaterThan(50)
    await nobodyLeft(database)
    expect(await ensureCloneSource(source)).toBe(database)
    expect(installed()).toBe(1)
  })

  test('is another for another language, farm setting or template', async () => {
    const template = await ownTemplate()
    source = { ...source, template }
    const databases = [await ensureCloneSource(source)]
    expect(await ensureCloneSource(source)).toBe(databases[0])
    databases.push(await ensureCloneSource({ ...source, language: 'zh-hant' }))
    databases.push(await ensureCloneSource({ ...source, farm: { ...source.farm, more: { OTHER: true } } }))
    await writeFile(join(template, 'FarmSettings.php'), "<?php wfLoadExtension( 'Linter' );")
    databases.push(await ensureCloneSource(source))
    expect(new Set(databases).size).toBe(4)
    expect(await schema(databases[3] ?? '')).toHaveProperty('linter')
    expect(await schema(databases[2] ?? '')).not.toHaveProperty('linter')
  })

  test('is not there when its installation was cancelled, and is whole afterwards', async () => {
    const before = await freshDatabases()
    const cancel = new AbortController()
    const cancelled = ensureCloneSource({
      ...source,
      signal: cancel.signal,
      onOutput: () => cancel.abort(new Error('cancelled')),
    })
    await expect(cancelled).rejects.toThrow('cancelled')
    await expect.poll(freshFolders).toEqual([])
    const database = await ensureCloneSource(source)
    expect(installed()).toBe(1)
    expect(await freshDatabases()).toEqual([...before, database].sort())
    await nobodyLeft(database)
  })

  test('is begun anew when whoever made it was killed, while the installer goes on', async () => {
    const whole = await schema(await ensureCloneSource(source))
    output = []
    source = { ...source, farm: { ...source.farm, more: { TEST: 'killed' } } }
    const before = await freshDatabases()
    const { host } = farm
    const { language, farm: values } = source
    await using step = startStep('ensureCloneSourceOnHost', { ...farm.source, language, farm: values, host })
    let database = ''
    await expect
      .poll(
        async () => {
          database = (await freshDatabases()).find((name) => !before.includes(name)) ?? ''
          return database === ''
            ? 0
            : (await farm.query(`SHOW TABLES FROM ${database}`).catch(() => [])).length
        },
        { interval: 5 },
      )
      .toBeGreaterThan(5)
    await step.kill()
    expect(await commentOf(database)).toBe('wikistead fresh=begun')
    expect(await freshFolders()).toHaveLength(1)

    expect(await ensureCloneSource(source)).toBe(database)
    expect(installed()).toBe(1)
    expect(await commentOf(database)).toBe('wikistead fresh=done')
    expect(await schema(database)).toEqual(whole)
    await nobodyLeft(database)
  })

  test('is whole at the next attempt, wherever the server was lost', async () => {
    const { socketPath = '' } = source.server
    const before = await freshDatabases()
    let cuts = 0
    for (let statement = 2; ; statement += 3) {
      await using proxy = await startCuttingProxy(socketPath, { statement, when: 'after' })
      const cut = { ...source, server: { host: '127.0.0.1', port: proxy.port, user: 'root' } }
      const end = await ensureCloneSource(cut).catch((error: unknown) => error)
      if (typeof end === 'string') break
      expect(end).toBeInstanceOf(ProvisioningFault)
      cuts += 1
    }
    expect(cuts).toBeGreaterThan(3)
    const database = await ensureCloneSource(source)
    expect(await freshDatabases()).toEqual([...before, database].sort())
    expect(Object.keys(await schema(database)).length).toBeGreaterThan(50)
    await nobodyLeft(database)
  })

  test('leaves nothing when its installer fails, and tells no password', async () => {
    const template = await ownTemplate()
    const complain = '<?php fwrite( STDERR, "with $wgDBpassword\\n" ); exit( 7 );'
    await writeFile(join(template, 'FarmSettings.php'), complain)
    const before = await freshDatabases()
    const fault = await ensureCloneSource({ ...source, template }).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(ProvisioningFault)
    expect(fault).toMatchObject({ reason: 'exit_7', final: false })
    expect(output).toEqual(['with [secret]'])
    expect(await freshDatabases()).toEqual(before)
    expect(await freshFolders()).toEqual([])
  })

  test('is not made of a template that is changed meanwhile', async () => {
    const template = await ownTemplate()
    const before = await freshDatabases()
    const made = ensureCloneSource({
      ...source,
      template,
      onOutput: () => void utimes(join(template, 'pubwiki.ini'), new Date(), new Date()),
    })
    await expect(made).rejects.toMatchObject({ reason: 'template_changed' })
    expect(await freshDatabases()).toEqual(before)
  })

  test('is refused without a template, and where somebody else has its name', async () => {
    const nowhere = { ...source, template: join(source.template, 'nowhere') }
    expect(await codeOf(ensureCloneSource(nowhere))).toBe('template_missing')
    const database = await ensureCloneSource(source)

    await farm.query(`ALTER DATABASE ${database} COMMENT = 'mine'`)
    const before = await schema(database)
    expect(await codeOf(ensureCloneSource(source))).toBe('database_foreign')
    expect(await schema(database)).toEqual(before)

    await farm.query(`DROP DATABASE ${database}`)
    await farm.query(`CREATE USER ${database}@'%' IDENTIFIED BY 'theirs'`)
    expect(await codeOf(ensureCloneSource(source))).toBe('database_foreign')
    expect(await usersOf(database)).toHaveLength(1)
    expect(await commentOf(database)).toBe(undefined)
    await farm.query(`DROP USER ${database}`)
  })

  test('is a fault while the wikis’ folder cannot be used', async () => {
    const gone = { ...source, wikisFolder: join(source.wikisFolder, 'gone') }
    await expect(ensureCloneSource(gone)).rejects.toMatchObject({ reason: 'ENOENT' })
    await mkdir(gone.wikisFolder)
    await chmod(gone.wikisFolder, 0o755)
    expect(await ensureCloneSource(gone)).toMatch(/^wf__en_/)
    expect(await readdir(gone.wikisFolder)).toEqual([])
  })
})
