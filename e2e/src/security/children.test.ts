/**
 * A demo that root runs, with all the children that there are: each is a user of its own, and whoever has taken one over
 * reaches nothing of the owner's, and nothing of another child's. Needs root.
 */
import { eventually } from '@wikistead/test/eventually'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { canMakeRooms, findTemporalCli } from '@wikistead/processes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const command = fileURLToPath(new URL('../../../cli/bin/wikistead.js', import.meta.url))
const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
const isRoot = process.getuid?.() === 0

const children = {
  farm: { user: 'wikistead-farm', pidFile: 'fedwiki-farm/farm.log.pid', own: 'fedwiki-farm/sites' },
  temporal: { user: 'wikistead-temporal', pidFile: 'temporal/temporal.pid', own: 'temporal/own' },
  mariadb: {
    user: 'wikistead-mariadb',
    pidFile: 'mediawiki/mariadb/mariadb.log.pid',
    own: 'mediawiki/mariadb/data',
  },
  php: {
    user: 'wikistead-php',
    pidFile: 'mediawiki/wikis/.front/php.log.pid',
    own: 'mediawiki/wikis/demo/images',
  },
} as const
const names = Object.keys(children) as (keyof typeof children)[]

/** What is nobody's but the owner's. */
const secrets = [
  ...['bootstrap-token', 'api-proof-key', 'wikistead.sqlite', 'lineage.json', 'wikistead.log'],
  ...['fedwiki-farm/admin-token', 'fedwiki-farm/session-secret', 'fedwiki-farm/owner-link-key'],
  ...['mediawiki/mariadb/admin-password', 'mediawiki/service-secret'],
]

describe.skipIf(!isRoot || !canMakeRooms())(
  'the children of a demo of root (needs root, and leave to mount)',
  () => {
    const started = new AsyncDisposableStack()
    let data: string

    async function demo(more: readonly string[]): Promise<AsyncDisposable> {
      const { path } = await findTemporalCli({ env: process.env, cacheFolder: join(cache, 'wikistead') })
      const child = spawn(
        process.execPath,
        [
          ...[
            command,
            'demo',
            '--json',
            '--log-level=warn',
            `--data-folder=${data}`,
            `--temporal-cli=${path}`,
          ],
          ...['--port=0', '--fedwiki-farm-port=0', ...more],
        ],
        {
          env: { HOME: data, XDG_CACHE_HOME: cache, PATH: process.env['PATH'] },
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      const gone = once(child, 'exit')
      const seen: string[] = []
      const done = Promise.withResolvers<void>()
      createInterface({ input: child.stdout }).on('line', (line) => {
        seen.push(line)
        const { event, ok } = JSON.parse(line) as { event: string; ok?: boolean }
        if (event === 'done' && ok === true) done.resolve()
      })
      void gone.then(() => done.reject(new Error(seen.slice(-8).join('\n'))))
      await done.promise
      return {
        async [Symbol.asyncDispose]() {
          child.kill('SIGTERM')
          await gone
        },
      }
    }

    const pidOf = async (name: keyof typeof children): Promise<number> =>
      (JSON.parse(await readFile(join(data, children[name].pidFile), 'utf8')) as { pid: number }).pid

    const uidOf = async (user: string): Promise<number> => {
      const { stdout } = await promisify(execFile)('id', ['-u', user])
      return Number(stdout)
    }

    /** What whoever has taken over this child can do: a shell that is where it is, and is who it is. */
    async function asChild(name: keyof typeof children, line: string): Promise<string> {
      const pid = String(await pidOf(name))
      const { uid, gid } = await stat(`/proc/${pid}`)
      const { stdout } = await promisify(execFile)('nsenter', [
        ...['--mount', `--target=${pid}`, 'setpriv', `--reuid=${String(uid)}`, `--regid=${String(gid)}`],
        ...['--clear-groups', '/bin/sh', '-c', line, 'sh', data],
      ])
      return stdout
    }

    beforeAll(async () => {
      const folder = await mkdtemp(join(tmpdir(), 'wikistead-children-'))
      started.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
      data = join(folder, 'data')
      // As every release before ran them; what they left is taken over by the users.
      const users = ['fedwiki-farm', 'temporal', 'mariadb'].map((child) => `--${child}-user=root`)
      const before = await demo([...users, '--wikifarm-php-user=0:0'])
      for (const name of names)
        expect(await stat(`/proc/${String(await pidOf(name))}`)).toMatchObject({ uid: 0 })
      await before[Symbol.asyncDispose]()
      started.use(await demo([]))
    }, 600_000)
    afterAll(() => started.disposeAsync())

    test.each(names)(
      '%s is a user of its own, without groups and rights, and so is all that it starts',
      async (name) => {
        const { user, own } = children[name]
        const uid = await uidOf(user)
        const pid = await pidOf(name)
        const { stdout } = await promisify(execFile)('ps', ['-eo', 'uid=,pgid=,args='])
        const group = stdout.split('\n').filter((line) => line.trim().split(/\s+/)[1] === String(pid))
        // The shells that watch the group are ours.
        const others = group.filter((line) => !/run-(?:under-lifeline|in-own-net)\.sh/.test(line))
        expect(others.length).toBeGreaterThan(0)
        for (const line of others) expect(line.trim().split(/\s+/)[0], line).toBe(String(uid))
        const status = await readFile(`/proc/${String(pid)}/status`, 'utf8')
        expect(status).toMatch(/^Groups:\s*$/m)
        expect(status).toMatch(/^CapEff:\t0+$/m)
        expect(await stat(join(data, own))).toMatchObject({ uid })
        expect((await stat(join(data, own))).mode & 0o077).toBe(0)
      },
    )

    test('none of them has the user of another', async () => {
      const uids = await Promise.all(
        names.map(async (name) => (await stat(`/proc/${String(await pidOf(name))}`)).uid),
      )
      expect(new Set(uids).size).toBe(names.length)
    })

    test.each(names)('%s reads no secret of the owner, and nothing of another child', async (name) => {
      const foreign = names.filter((other) => other !== name).map((other) => children[other].own)
      const tries = [...secrets, ...foreign].map((path) => `"$1"/${path}`)
      const line = `for path in ${tries.join(' ')}; do if ls "$path"/* || cat "$path" || true >>"$path"; then echo "GOT $path"; fi; done 2>/dev/null`
      expect(await asChild(name, `${line}; echo tried`)).toBe('tried\n')
      // Where it is, the data folder holds nothing but its own.
      expect((await asChild(name, 'ls "$1"')).trim()).toBe(children[name].pidFile.split('/')[0])
    })

    test.each(names)('the environment of %s holds no secret', async (name) => {
      const environment = await readFile(`/proc/${String(await pidOf(name))}/environ`, 'utf8')
      expect(environment).not.toMatch(/password|secret|token|key|mariadb:\/\//i)
      const values = await Promise.all(
        secrets
          .filter((path) => /token|key|secret|password/.test(path))
          .map((path) => readFile(join(data, path), 'utf8')),
      )
      for (const value of values) expect(environment).not.toContain(value.trim())
    })

    test('killed, each comes back as who it was', async () => {
      for (const name of names) {
        const before = await pidOf(name)
        const { uid } = await stat(`/proc/${String(before)}`)
        process.kill(before, 'SIGKILL')
        await eventually(async () => {
          const after = await pidOf(name)
          expect(after).not.toBe(before)
          expect(await stat(`/proc/${String(after)}`)).toMatchObject({ uid })
          expect(await readFile(`/proc/${String(after)}/cmdline`, 'utf8')).not.toMatch(
            /run-in-room|run-under-lifeline/,
          )
        })
      }
    })
  },
)
