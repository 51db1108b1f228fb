/** The files of docs/serving-mediawiki.md, run by real nginx, Caddy and php-fpm. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseFreePort, superviseChild, type SupervisedChild } from '@wikistead/processes'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { unpackPackages } from '@wikistead/test/debian-program'
import { forbiddenPaths, givenAway, plantSecrets, rawGet } from '../test/forbidden-paths.ts'
import { env, rootHost, run, startTestFarm, type TestFarm } from '../test/test-farm.ts'
import { hostOf } from '../test/test-site.ts'
import { Visitor } from '../test/visitor.ts'

const started = new AsyncDisposableStack()
let farm: TestFarm
let programs: string
let fpmSocket: string

beforeAll(async () => {
  farm = started.use(await startTestFarm())
  const wiki = await farm.makeWiki('ada')
  await wiki.install()
  await plantSecrets(wiki.folder)
  const { stdout: php } = await run('php', ['-r', 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;'])
  const packages = join(farm.folder, 'packages')
  await mkdir(packages)
  programs = await unpackPackages(['nginx', 'nginx-common', 'caddy', `php${php}-fpm`], packages)
  fpmSocket = join(farm.folder, 'fpm.sock')
  started.use(await startFpm(php))
})
afterAll(() => started.disposeAsync())

describe.for([
  ['nginx', startNginx],
  ['Caddy', startCaddy],
] as const)('%s with the file of the docs', ([name, start]) => {
  let port: number
  beforeAll(async () => {
    port = await chooseFreePort('127.0.0.1')
    started.use(await start(port))
  })

  test('serves pages, edits, REST and static files', async () => {
    const visitor = new Visitor(port)
    const page = await visitor.get(hostOf('ada'), '/wiki/Main_Page')
    expect([page.status, /<title>(.*)<\/title>/.exec(page.text)?.[1]]).toEqual([200, 'The wiki ada'])
    expect((await visitor.get(hostOf('ada'), '/')).status).toBe(301)
    const title = `Größe_&_Maß/${name}`
    expect(await visitor.edit(hostOf('ada'), title, 'Hello.')).toMatchObject({ edit: { result: 'Success' } })
    const rest = await visitor.get(hostOf('ada'), `/rest.php/v1/page/${encodeURIComponent(title)}`)
    expect(JSON.parse(rest.text)).toMatchObject({ source: 'Hello.' })
    const picture = await visitor.get(hostOf('ada'), '/resources/assets/poweredby_mediawiki.svg')
    expect([picture.status, picture.headers['content-type']]).toEqual([200, 'image/svg+xml'])
    const who = await visitor.api(hostOf('ada'), { action: 'query', meta: 'userinfo' })
    expect(who).toMatchObject({ query: { userinfo: { name: '127.0.0.1' } } })
  })

  test('gives out nothing else, and no wiki that is not there', async () => {
    for (const path of forbiddenPaths) {
      const { status, text } = await rawGet(port, hostOf('ada'), path)
      expect(text, path).not.toMatch(givenAway)
      expect([400, 404], `${path}: ${status}`).toContain(status)
    }
    const { status } = await rawGet(port, hostOf('nobody'), '/index.php')
    expect(status).toBe(404)
  })
})

async function startFpm(version: string): Promise<SupervisedChild> {
  const config = join(farm.folder, 'fpm.conf')
  await writeFile(
    config,
    `[global]\ndaemonize = no\nerror_log = /dev/stderr\n[www]\nuser = root\ngroup = root\nlisten = ${fpmSocket}\npm = static\npm.max_children = 2\n`,
  )
  return superviseChild({
    name: 'php-fpm',
    command: join(programs, `usr/sbin/php-fpm${version}`),
    args: ['--allow-to-run-as-root', '--nodaemonize', '--fpm-config', config],
    env: { ...env, PHP_INI_SCAN_DIR: `/etc/php/${version}/cli/conf.d` },
    logFile: join(farm.folder, 'fpm.log'),
    ready: async (signal) => {
      while ((await run('test', ['-S', fpmSocket]).catch(() => undefined)) === undefined) {
        await sleep(25, undefined, { signal })
      }
    },
  })
}

async function startNginx(port: number): Promise<SupervisedChild> {
  const folder = join(farm.folder, 'nginx')
  await mkdir(folder)
  for (const file of ['fastcgi_params', 'mime.types']) {
    await copyFile(join(programs, 'etc/nginx', file), join(folder, file))
  }
  const server = (await configOf('nginx'))
    .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
    .replaceAll(/^.*ssl_certificate.*$/gm, '')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
    .join('\n')
  await writeFile(
    join(folder, 'nginx.conf'),
    `daemon off; user root; worker_processes 1; pid ${folder}/pid; error_log stderr;
     events {} http { include mime.types; access_log off; ${temporary} ${server} }`,
  )
  return startFront('nginx', port, ['-p', folder, '-c', join(folder, 'nginx.conf')])
}

async function startCaddy(port: number): Promise<SupervisedChild> {
  const config = join(farm.folder, 'Caddyfile')
  const labels = rootHost.split('.').length
  const site = (await configOf('caddy'))
    .replace(`*.${rootHost} {`, `http://*.${rootHost}:${port} {\nbind 127.0.0.1`)
    .replace('labels.3', `labels.${labels}`)
  await writeFile(config, `{\nadmin off\n}\n${site}`)
  return startFront('caddy', port, ['run', '--config', config, '--adapter', 'caddyfile'])
}

function startFront(
  name: 'nginx' | 'caddy',
  port: number,
  args: readonly string[],
): Promise<SupervisedChild> {
  return superviseChild({
    name,
    command: join(programs, name === 'nginx' ? 'usr/sbin/nginx' : 'usr/bin/caddy'),
    args,
    env: { ...env, HOME: farm.folder },
    logFile: join(farm.folder, `${name}.log`),
    ready: async (signal) => {
      while ((await rawGet(port, hostOf('ada'), '/nothing').catch(() => undefined)) === undefined) {
        await sleep(25, undefined, { signal })
      }
    },
  })
}

/** The block of the page, with this farm's folder, names and socket. */
async function configOf(language: 'nginx' | 'caddy'): Promise<string> {
  const page = await readFile(new URL('../../docs/serving-mediawiki.md', import.meta.url), 'utf8')
  const block = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? ''
  return block
    .replaceAll('/srv/wikis', farm.wikisFolder)
    .replaceAll('wikis.example.org', rootHost)
    .replaceAll('wikis\\.example\\.org', rootHost.replaceAll('.', '\\.'))
    .replaceAll('/run/php/php-fpm.sock', fpmSocket)
}
