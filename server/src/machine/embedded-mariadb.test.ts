import { eventually } from '@wikistead/test/eventually'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLogger } from '../parts/log.ts'
import { PartWatch } from '../parts/part-watch.ts'
import { startEmbeddedMariadb } from './embedded-mariadb.ts'

test('a killed MariaDB of a demo is started again, and the log says so', async () => {
  await using started = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wikistead-mariadb-'))
  started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  const lines: unknown[] = []
  const logger = createLogger('info', { write: (line: string) => void lines.push(JSON.parse(line)) })
  const watch = new PartWatch(logger)
  const mariadb = started.use(await startEmbeddedMariadb(join(folder, 'mariadb'), watch))
  process.kill(mariadb.pid ?? 0, 'SIGKILL')
  await eventually(() => expect(lines).toHaveLength(2), 20)
  expect(lines).toMatchObject([
    { child: 'mariadb', last_exit: 'signal SIGKILL', msg: 'a child ended; it is started again' },
    { child: 'mariadb', restarts: 1, msg: 'a child serves again' },
  ])
})
