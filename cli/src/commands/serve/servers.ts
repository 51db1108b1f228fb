/** `start`, `api`, `worker`, `serve-mediawiki`: processes that run until they are stopped. Their log goes to standard output, as JSON. */
import process from 'node:process'
import { readSecretFile, Secret, type Config, type ConfigNote, type Part } from '@wikistead/config'
import type { Environment as ServerEnvironment } from '@wikistead/server'
import { InvalidArgumentError, type Command } from 'commander'
import { withJson } from '../../api-place.ts'
import { commandLine, rememberDataFolder } from '../../commands-in-words.ts'
import { CommandFailure } from '../../errors.ts'
import { configOf, withSettings, type Environment, type Options } from '../../setting-flags.ts'
import { stopSignal, unlessStopped } from '../../until-stopped.ts'

const jsonMeaning = 'say what went wrong as a JSON object, too; the log is one object a line in any case'

export function addServers(program: Command, env: Environment): void {
  withJson(withSettings(program.command('start')), jsonMeaning)
    .description('run everything on this machine: API, worker, store, Temporal and a FedWiki farm')
    .action(async (options: Options) => {
      const { config, tell } = configured(options, env)
      const { createLogger, start } = await import('@wikistead/server')
      const logger = createLogger(config.logLevel)
      tell(logger)
      const stop = stopSignal()
      await using started = await unlessStopped(
        stop,
        start(config, {
          ...{ env, logger },
          onNote: (line) => {
            logger.info(line)
          },
          onPart: (part) => {
            logger.info(part, 'a part is up')
          },
        }),
      )
      logger.info({ url: started.url, farm_url: started.farm?.door.url }, 'wikistead is up')
      // A terminal is somebody's who looks at it; everything else may be kept, and be a log.
      if (process.stdout.isTTY && process.stderr.isTTY) {
        process.stderr.write(`Sign in, once and within 15 minutes: ${await started.signInLink()}\n`)
      } else {
        rememberDataFolder(config.dataFolder)
        logger.info({ command: commandLine(['sign-in-link']) }, 'a command prints a link that signs in')
      }
      await Promise.race([stop, started.ended])
    })

  withJson(withSettings(program.command('api')), jsonMeaning)
    .description('run the API alone, against a store and a Temporal that others run')
    .action(async (options: Options) => {
      const { config, tell } = configured(options, env, processParts.api)
      const { createLogger, runApi } = await import('@wikistead/server')
      const logger = createLogger(config.logLevel)
      tell(logger)
      const stop = stopSignal()
      await using api = await unlessStopped(stop, runApi(config, { env, logger }))
      logger.info({ url: api.url }, 'the API is up')
      await stop
    })

  withJson(withSettings(program.command('worker'), { without: 'host' }), jsonMeaning)
    .description('run a worker alone, against a store and a Temporal that others run')
    .option(
      '--host <name>',
      'be this host of the MediaWiki farm: do only what touches the disk and containers of this machine',
      hostName,
    )
    .action(async ({ host, ...options }: Options) => {
      const parts = host === undefined ? processParts.worker : processParts.host
      const { config, tell } = configured(options, env, parts)
      const { createLogger, runWorkerAlone } = await import('@wikistead/server')
      const logger = createLogger(config.logLevel)
      tell(logger)
      const stop = stopSignal()
      await using worker = await unlessStopped(
        stop,
        runWorkerAlone(config, { env, logger }, {}, host as string | undefined),
      )
      logger.info({ host }, 'the worker is up')
      await Promise.race([stop, worker.ended])
    })

  withJson(withSettings(program.command('serve-mediawiki')), jsonMeaning)
    .description(
      'serve the MediaWiki wikis at their addresses, for demos and development; in production nginx or Caddy does',
    )
    .option(
      '--listen <host:port>',
      `where (default: ${loopback}, for this machine only; port 0 is any)`,
      parseListen,
    )
    .action(async (options: Options) => {
      const { config, tell } = configured(options, env, processParts.front)
      const { listen = parseListen(loopback) } = options as { readonly listen?: Listen }
      const { createLogger, runFront } = await import('@wikistead/server')
      const logger = createLogger(config.logLevel)
      tell(logger)
      const stop = stopSignal()
      await using front = await unlessStopped(stop, runFront(config, { env, logger }, listen))
      const { wikiRootHost: root } = config
      logger.info({ host: listen.host, port: front.port, wikis: `*.${root ?? ''}` }, 'the wikis are served')
      await stop
    })

  addFarmGuard(program, env)
}

/** The guard and what is behind it. */
function addFarmGuard(program: Command, env: Environment): void {
  withJson(withSettings(program.command('farm-guard')), jsonMeaning)
    .description(
      'guard a FedWiki farm that others run: nothing that could harm it comes through, and `fedwiki-farm-url` is then where the guard listens; of the settings it takes `fedwiki-admin-host` (or what that follows from) and `log-level`',
    )
    .requiredOption(
      '--farm <host:port>',
      'where the farm itself listens, which nothing else may reach',
      parseListen,
    )
    .option(
      '--listen <host:port>',
      `where the guard does (default: ${guardLoopback}, for this machine only; port 0 is any)`,
      parseListen,
    )
    .option(
      '--farm-token-file <path>',
      'a file with the token that the farm itself knows: the guard then lets in who has `fedwiki-admin-token`, which can be rotated, and says this one to the farm',
    )
    .option('--trust-proxy', 'a proxy of yours stands before the guard, and its X-Forwarded headers count')
    .action(async (options: Options) => {
      const {
        farm,
        farmTokenFile,
        listen = parseListen(guardLoopback),
        trustProxy = false,
      } = options as unknown as GuardFlags
      const uses: readonly Part[] = farmTokenFile === undefined ? [] : ['fedwiki']
      const { config, tell } = configured(options, env, uses)
      const tokens = farmTokenFile === undefined ? undefined : guardTokens(config, farmTokenFile)
      const { createLogger, runFarmGuard } = await import('@wikistead/server')
      const logger = createLogger(config.logLevel)
      tell(logger)
      const stop = stopSignal()
      const place = { ...farm, adminHost: config.fedwikiAdminHost }
      await using guard = await unlessStopped(
        stop,
        runFarmGuard({ farm: place, listen, trustProxy, ...(tokens && { tokens }) }),
      )
      logger.info({ host: listen.host, port: guard.port, farm: place }, 'the guard is up')
      await stop
    })
}

/** Whom the guard lets in, and as whom the farm knows it. @throws CommandFailure when one of the two is missing */
function guardTokens({ fedwikiAdminToken }: Config, file: string) {
  if (fedwikiAdminToken === undefined) {
    throw new CommandFailure(
      'usage',
      'With --farm-token-file, fedwiki-admin-token says whom the guard lets in: name it.',
    )
  }
  try {
    const [ofFarm] = readSecretFile(file)
    if (ofFarm !== undefined)
      return { accepted: () => fedwikiAdminToken.all(), ofFarm: new Secret(ofFarm).reveal() }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    throw new CommandFailure('usage', `--farm-token-file cannot be read: ${why}`)
  }
  throw new CommandFailure('usage', `--farm-token-file: ${file} is empty.`)
}

interface GuardFlags {
  readonly farm: Listen
  readonly farmTokenFile?: string
  readonly listen?: Listen
  readonly trustProxy?: boolean
}

const guardLoopback = '127.0.0.1:8420'

/** What each is made of: it demands no setting of another part. */
const processParts = {
  api: ['api', 'store', 'temporal', 'redis', 'fedwiki', 'mediawiki', 'hub'],
  worker: ['store', 'temporal', 'redis', 'fedwiki', 'mediawiki'],
  host: ['store', 'temporal', 'redis', 'mediawiki', 'mediawiki-host', 'hub'],
  front: ['store', 'mediawiki'],
} satisfies Record<string, readonly Part[]>

/** The configuration, and what the log is to tell of it once there is one. */
function configured(
  options: Options,
  env: Environment,
  uses?: readonly Part[],
): { readonly config: Config; readonly tell: (logger: ServerEnvironment['logger']) => void } {
  const notes: ConfigNote[] = []
  const config = configOf(options, env, {
    ...(uses && { uses }),
    onNote: (note) => {
      notes.push(note)
    },
  })
  return {
    config,
    tell(logger) {
      for (const { kind, ...note } of notes) {
        logger.warn(note, noteWords[kind])
      }
    },
  }
}

const noteWords: Readonly<Record<ConfigNote['kind'], string>> = {
  unknown: 'a variable is no setting',
  idle: 'a setting has no effect',
  open: 'a secret can be read by others',
}

const loopback = '127.0.0.1:8430'

function hostName(given: string): string {
  if (/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/.test(given)) return given
  throw new InvalidArgumentError('It is a name of lower-case letters, digits, hyphens and dots.')
}

interface Listen {
  readonly host: string
  readonly port: number
}

function parseListen(given: string): Listen {
  const [, inBrackets, plain, digits] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(given) ?? []
  const host = inBrackets ?? plain
  if (host === undefined || Number(digits) > 65_535) {
    throw new InvalidArgumentError('It is a host and a port, like 127.0.0.1:8430 or [::1]:8430.')
  }
  return { host, port: Number(digits) }
}
