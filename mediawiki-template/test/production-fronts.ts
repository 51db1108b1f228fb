/** Real nginx, Caddy and php-fpm with the files of docs/serving-mediawiki.md, in other places. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { superviseChild, type SupervisedChild } from '@wikistead/processes'
import { unpackPackages } from '@wikistead/test/debian-program'
import { rawGet } from './forbidden-paths.ts'
import { env, rootHost, run } from './test-farm.ts'

export interface ProductionPlace {
  /** For programs, settings and logs. */
  readonly folder: string
  readonly wikisFolder: string
  /** A host that a front answers for. */
  readonly anyHost: string
}

export interface ProductionFronts {
  /** @param pools php-fpm's; resolves when there is something at each of these sockets */
  startFpm(pools: string, sockets: readonly string[]): Promise<SupervisedChild>
  /** @param change of the block of the page, from `/run/php/php-fpm.sock` to what a farm has */
  startNginx(port: number, change: (block: string) => string): Promise<SupervisedChild>
  startCaddy(port: number, change: (block: string) => string): Promise<SupervisedChild>
}

export async function obtainProductionFronts({
  folder,
  wikisFolder,
  anyHost,
}: ProductionPlace): Promise<ProductionFronts> {
  const { stdout: php } = await run('php', ['-r', 'echo PHP_MAJOR_VERSION, ".", PHP_MINOR_VERSION;'])
  const packages = join(folder, 'packages')
  await mkdir(packages)
  const programs = await unpackPackages(['nginx', 'nginx-common', 'caddy', `php${php}-fpm`], packages)

  function startFront(name: 'nginx' | 'caddy', port: number, args: readonly string[]) {
    return superviseChild({
      name,
      command: join(programs, name === 'nginx' ? 'usr/sbin/nginx' : 'usr/bin/caddy'),
      args,
      env: { ...env, HOME: folder },
      logFile: join(folder, `${name}.log`),
      ready: async (signal) => {
        while ((await rawGet(port, anyHost, '/nothing').catch(() => undefined)) === undefined) {
          await sleep(25, undefined, { signal })
        }
      },
    })
  }

  /** The block of the page, with this farm's folder and names. */
  async function blockOf(language: 'nginx' | 'caddy'): Promise<string> {
    const page = await readFile(new URL('../../docs/serving-mediawiki.md', import.meta.url), 'utf8')
    const block = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? ''
    return block
      .replaceAll('/srv/wikis', wikisFolder)
      .replaceAll('wikis.example.org', rootHost)
      .replaceAll('wikis\\.example\\.org', rootHost.replaceAll('.', '\\.'))
  }

  return {
    async startFpm(pools, sockets) {
      const config = join(folder, 'fpm.conf')
      await writeFile(config, `[global]\ndaemonize = no\nerror_log = /dev/stderr\n${pools}`)
      return superviseChild({
        name: 'php-fpm',
        command: join(programs, `usr/sbin/php-fpm${php}`),
        args: ['--allow-to-run-as-root', '--nodaemonize', '--fpm-config', config],
        env: { ...env, PHP_INI_SCAN_DIR: `/etc/php/${php}/cli/conf.d` },
        logFile: join(folder, 'fpm.log'),
        ready: async (signal) => {
          for (const socket of sockets) {
            while ((await run('test', ['-S', socket]).catch(() => undefined)) === undefined) {
              await sleep(25, undefined, { signal })
            }
          }
        },
      })
    },

    async startNginx(port, change) {
      const place = join(folder, 'nginx')
      await mkdir(place)
      for (const file of ['fastcgi_params', 'mime.types']) {
        await copyFile(join(programs, 'etc/nginx', file), join(place, file))
      }
      const server = change(await blockOf('nginx'))
        .replace('listen 443 ssl', `listen 127.0.0.1:${String(port)}`)
        .replaceAll(/^.*ssl_certificate.*$/gm, '')
      const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((kind) => `${kind}_temp_path ${place}/${kind};`)
        .join('\n')
      await writeFile(
        join(place, 'nginx.conf'),
        `daemon off; user root; worker_processes 1; pid ${place}/pid; error_log stderr;
         events {} http { include mime.types; access_log off; ${temporary} ${server} }`,
      )
      return startFront('nginx', port, ['-p', place, '-c', join(place, 'nginx.conf')])
    },

    async startCaddy(port, change) {
      const config = join(folder, 'Caddyfile')
      const labels = rootHost.split('.').length
      const site = change(await blockOf('caddy'))
        .replace(`*.${rootHost} {`, `http://*.${rootHost}:${String(port)} {\nbind 127.0.0.1`)
        .replaceAll('labels.3', `labels.${String(labels)}`)
      await writeFile(config, `{\nadmin off\n}\n${site}`)
      return startFront('caddy', port, ['run', '--config', config, '--adapter', 'caddyfile'])
    },
  }
}
