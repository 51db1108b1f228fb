/**
 * A MediaWiki farm whose hub Wikistead made itself, with the extension in it: real MediaWiki, served by a few workers of
 * PHP behind the front, and the real service behind the extension.
 */
import { writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { extensionBundle } from '@wikistead/extension'
import { Visitor, type Answer } from '@wikistead/mediawiki-template/test/visitor'
import { chooseFreePort } from '@wikistead/processes'
import { createLogger, runFront } from '@wikistead/server'
import { expect } from 'vitest'
import {
  startMediaWikiWorld,
  type MediaWikiWorld,
  type MediaWikiWorldOptions,
} from './mediawiki/mediawiki-world.ts'

const serviceSecret = 'what the tests of the extension sign with'
export const password = 'correct horse battery staple'

export interface HubWorld extends AsyncDisposable {
  readonly world: MediaWikiWorld
  /** Of the wikis' front, on 127.0.0.1. */
  readonly port: number
  /** Of the hub, with its port, as browsers know it. */
  readonly hub: string
  readonly hostOf: (slug: string) => string
  /** Somebody new, who is not signed in. */
  visitor(): Visitor
  /** Somebody with an account on the hub, signed in there. */
  member(name: string): Promise<Visitor>
}

const cacheFolder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'wikistead')

/** The hub's founder is Grace. */
export async function startHubWorld({
  farmSettings = '',
  ...options
}: MediaWikiWorldOptions & {
  /** PHP for the operator's own FarmSettings.php, of all wikis. */
  readonly farmSettings?: string
} = {}): Promise<HubWorld> {
  await using started = new AsyncDisposableStack()
  const [port, apiPort] = [await chooseFreePort('127.0.0.1'), await chooseFreePort('127.0.0.1')]
  const rootHost = 'mediawiki.localhost'
  const world = started.use(
    await startMediaWikiWorld({
      ...options,
      template: { port, extension: await extensionBundle(cacheFolder) },
      settings: {
        'wiki-root-host': rootHost,
        'wiki-shared-db-name': 'hub',
        'mediawiki-wiki-url': `http://{domain}:${String(port)}`,
        'wikifarm-service-secret': serviceSecret,
        port: String(apiPort),
        ...options.settings,
      },
    }),
  )
  const { stack } = world
  await writeFile(join(world.template, 'FarmSettings.php'), `<?php\n${farmSettings}\n`)
  const environment = {
    env: { PATH: process.env['PATH'] },
    logger: createLogger(process.env['LOG_LEVEL'] === 'warn' ? 'warn' : 'silent'),
  }
  started.use(await runFront(stack.config, environment, { host: '127.0.0.1', port }))
  const made = await world.ended(
    await world.create('hub', { hub: true, name: 'Our Hub', owner_name: 'Grace' }),
  )
  expect(made, made.message).toMatchObject({ status: 'succeeded' })
  const hostOf = (slug: string) => `${slug}.${rootHost}:${String(port)}`
  const hub = hostOf('hub')
  const running = started.move()
  return {
    ...{ world, port, hub, hostOf },
    visitor: () => new Visitor(port),
    async member(name) {
      const visitor = new Visitor(port)
      expect(await visitor.signUp(hub, name, password)).toMatchObject({ createaccount: { status: 'PASS' } })
      expect(await visitor.signIn(hub, name, password)).toMatchObject({ clientlogin: { status: 'PASS' } })
      return visitor
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** One call of the extension's REST, as the special page makes it. */
export async function rest(
  visitor: Visitor,
  hub: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer & { readonly json: Record<string, unknown> }> {
  const url = `/rest.php/wikifarm/v1${path}`
  const answer =
    method === 'GET'
      ? await visitor.get(hub, url, headers)
      : await visitor.postJson(hub, url, body ?? {}, headers)
  return {
    ...answer,
    json: answer.text.startsWith('{') ? (JSON.parse(answer.text) as Record<string, unknown>) : {},
  }
}
