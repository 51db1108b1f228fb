/** A store as it is after years: a million tasks, 200,000 wikis. The databases make the rows themselves, from numbers. */
import { openStore, type StoreConfig } from '@wikistead/store'

export interface Size {
  readonly tasks: number
  readonly wikis: number
}

/** What both engines understand, with `||` as the joining of texts. */
export async function fillStore(
  config: StoreConfig,
  { tasks, wikis }: Size,
  now = Date.now(),
): Promise<void> {
  const users = 5_000
  const day = 86_400_000
  const word = (n: string): string =>
    `substr('lakeforestriverstonemeadowharborwinterpixelcopperviolet', (${n}) % 48 + 1, 6)`
  const id = (kind: string, n: string): string => `'${kind}-' || substr('000000000000' || (${n}), -12)`
  // Every tenth wiki has let go of its address; every other is a MediaWiki wiki on one of 20 hosts.
  const address = `${word('i * 7')} || '-' || i || '.wiki.example.org'`
  const fedwiki = 'i % 2 = 0'
  const endedAt = `${String(now)} - (${String(tasks)} - i) * ${String(Math.ceil((400 * day) / tasks))}`
  const open = `i % ${String(Math.ceil(tasks / 200))} = 0`
  const rows: readonly (readonly [
    table: string,
    count: number,
    columns: Readonly<Record<string, string>>,
  ])[] = [
    ['wikifarm_users', users, { name: "'User ' || i", role: "'member'", created_at: String(now) }],
    [
      'wikifarm_wikis',
      wikis,
      {
        engine: `case when ${fedwiki} then 'fedwiki' else 'mediawiki' end`,
        address,
        claim: `case when i % 10 = 5 then null else ${address} end`,
        name: `${word('i * 11')} || ' ' || ${word('i * 13')} || ' ' || i`,
        status: "case when i % 10 = 5 then 'deleted' when i % 50 = 1 then 'archived' else 'active' end",
        serving: "'active'",
        visibility: "case when i % 3 = 0 then 'private' else 'public' end",
        featured: 'case when i % 1000 = 0 then 1 else 0 end',
        custom_domain: '0',
        owner_id: `case when i % 50 = 7 then 1 else i % ${String(users)} + 1 end`,
        owner_subject: "'subject-' || i",
        owner_name: "'User ' || i",
        task_id: 'null',
        created_at: String(now - 500 * day),
        updated_at: `${String(now - 400 * day)} + i`,
        purge_after: `case when i % 50 = 1 then ${String(now + day)} + i else null end`,
        host: `case when ${fedwiki} then null else 'host-' || (i % 20) end`,
        language: "'en'",
      },
    ],
    ...Array.from({ length: 20 }, (_, n): (typeof rows)[number] => [
      'wikifarm_hosts',
      1,
      {
        host: `'host-${String(n)}'`,
        draining: '0',
        seen_at: String(now),
        created_at: String(now),
      },
    ]),
    [
      'wikifarm_tasks',
      tasks,
      {
        task_id: id('task', 'i'),
        kind: `case when i <= ${String(wikis)} then 'create_wiki' when i % 5 = 0 then 'sync_sites' when i % 5 = 1 then 'delete_wiki' else 'change_wiki' end`,
        engine: `case when ${fedwiki} then 'fedwiki' else 'mediawiki' end`,
        wiki_id: `(i - 1) % ${String(wikis)} + 1`,
        user_id: `case when i % 50 = 7 then 1 else i % ${String(users)} + 1 end`,
        status: `case when ${open} then 'running' when i % 10 = 3 then 'failed' else 'succeeded' end`,
        phase: 'null',
        progress: '100',
        message: "'It is done, as was asked, and nothing more need be said of it here.'",
        code: `case when i % ${String(Math.ceil(tasks / 100))} = 3 then 'rollback_incomplete' when i % 10 = 3 then 'fault' else null end`,
        workflow_type: "'ChangeFedWikiSiteWorkflow'",
        input: `'{"domain":"some.wiki.example.org","userId":1,"host":"host-1"}'`,
        run: '1',
        last_seq: '3',
        cancel_requested: '0',
        created_at: `${endedAt} - 2000`,
        updated_at: endedAt,
        ended_at: `case when ${open} then null else ${endedAt} end`,
      },
    ],
    ...([1, 2, 3] as const).map((seq): (typeof rows)[number] => [
      'wikifarm_task_events',
      tasks,
      {
        task_id: id('task', 'i'),
        seq: String(seq),
        type: seq === 2 ? "'log'" : "'progress'",
        dedupe_key: `'1/${String(seq)}'`,
        json: `'{"type":"progress","status":"running","progress":50,"message":"Something of it was done."}'`,
        created_at: endedAt,
      },
    ]),
    [
      'wikifarm_ledger',
      Math.floor(tasks / 3),
      {
        task_id: id('task', 'i'),
        step: "'create_site'",
        wiki_id: 'i',
        state: `case when i % ${String(Math.ceil(tasks / 100))} = 3 then 'made' else 'undone' end`,
        detail: "'{}'",
        created_at: endedAt,
        updated_at: endedAt,
      },
    ],
    [
      'wikifarm_idempotency',
      Math.floor(tasks / 2),
      {
        user_id: `i % ${String(users)} + 1`,
        idempotency_key: "'key-' || i",
        request_hash: "'hash'",
        task_id: id('task', 'i * 2'),
        created_at: `${String(now)} - (${String(tasks)} - i * 2) * ${String(Math.ceil((400 * day) / tasks))}`,
      },
    ],
    [
      'wikifarm_alarms',
      Math.floor(tasks / 20),
      {
        code: "'rollback_incomplete'",
        subject: id('task', 'i'),
        message: "'What it made is still there.'",
        mend: "'Nothing.'",
        open_key: "case when i % 2000 = 0 then 'rollback_incomplete ' || i else null end",
        detail: "'{}'",
        since: endedAt,
        cleared_at: `case when i % 2000 = 0 then null else ${endedAt} end`,
      },
    ],
    [
      'wikifarm_transfers',
      Math.floor(tasks / 20),
      {
        transfer_id: id('transfer', 'i'),
        wiki_id: 'i',
        from_user_id: `i % ${String(users)} + 1`,
        to_user_id: `(i + 1) % ${String(users)} + 1`,
        secret_hash: id('secret', 'i'),
        status: "case when i % 3 = 0 then 'offered' when i % 3 = 1 then 'accepted' else 'declined' end",
        task_id: `case when i % 3 = 1 then ${id('task', 'i')} else null end`,
        created_at: endedAt,
        expires_at: endedAt,
      },
    ],
    [
      'wikifarm_audit',
      tasks,
      {
        at: endedAt,
        user_id: `i % ${String(users)} + 1`,
        acting_by: "'token'",
        action: "case when i % 2 = 0 then 'create_wiki' else 'change_wiki' end",
        subject: "'wiki ' || (i % 1000)",
        status: '202',
        request_id: "'request-' || i",
      },
    ],
    [
      'wikifarm_snapshots',
      1,
      { snapshot_id: "'list'", started_at: String(now), sites: '0', skipped: '0', complete: '1' },
    ],
  ]
  const ask = await asking(config)
  try {
    for (const [table, count, columns] of rows) {
      const names = Object.keys(columns).join(', ')
      const values = Object.values(columns).join(', ')
      // As many at once as a server's log of changes takes well.
      for (let from = 1; from <= count; from += 50_000) {
        const to = Math.min(count, from + 49_999)
        await ask(`insert into ${table} (${names}) select ${values} from ${ask.numbers(from, to)}`)
      }
    }
    await ask(
      "insert into wikifarm_snapshot_sites (snapshot_id, address, serving, gone) select 'list', claim, 'active', 0 from wikifarm_wikis where engine = 'fedwiki' and claim is not null and wiki_id % 500 <> 2",
    )
  } finally {
    await ask.close()
  }
  await using store = await openStore(config)
  for (let place: number | undefined = 0; place !== undefined;) place = await store.texts.takeUp(place)
}

interface Ask {
  (statement: string): Promise<void>
  numbers(from: number, to: number): string
  close(): Promise<void>
}

async function asking(config: StoreConfig): Promise<Ask> {
  if (config.engine === 'sqlite') {
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(config.filename)
    database.exec('pragma synchronous = off')
    return Object.assign(async (statement: string) => Promise.resolve(database.exec(statement)), {
      numbers: (from: number, to: number) =>
        `(with recursive n(i) as (select ${String(from)} union all select i + 1 from n where i < ${String(to)}) select i from n)`,
      close: async () => {
        database.exec('analyze')
        return Promise.resolve(database.close())
      },
    })
  }
  const { createConnection } = await import('mysql2/promise')
  const { user, password, database, socketPath, host, port } = config
  const connection = await createConnection({
    ...{ user, database },
    ...(password !== undefined && { password }),
    ...(socketPath === undefined ? { host: host ?? '127.0.0.1', port: port ?? 3306 } : { socketPath }),
  })
  await connection.query("set session sql_mode = 'PIPES_AS_CONCAT,STRICT_ALL_TABLES', names utf8mb4")
  return Object.assign(async (statement: string) => void (await connection.query(statement)), {
    numbers: (from: number, to: number) => `(select seq as i from seq_${String(from)}_to_${String(to)}) as n`,
    close: async () => {
      await connection.query('analyze table wikifarm_wikis, wikifarm_tasks, wikifarm_task_events')
      await connection.end()
    },
  })
}
