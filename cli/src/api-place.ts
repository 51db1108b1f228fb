/** Where the API is, and who asks it: as named, else as the `start` on this machine says of itself. */
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Config } from '@wikistead/config'
import { Option, type Command } from 'commander'
import { rememberDataFolder } from './commands-in-words.ts'
import { demoFolder } from './demo-folder.ts'
import { CommandFailure } from './errors.ts'
import { clientParts, configOf, withDataFolder, type Environment, type Options } from './setting-flags.ts'

export interface ApiPlace {
  /** Without a slash at its end. */
  readonly url: string
  readonly token: string | undefined
  /** Why there is no token, or where it is from, for whoever is refused. */
  readonly tokenFrom: string
  /** What whoever asks may not have meant, in sentences: an API that they did not name, nobody who asks. */
  readonly asides?: readonly string[]
}

/** Where a client asks, and the data folder that this is of; undefined where none was looked for. */
export interface ClientPlace extends ApiPlace {
  readonly dataFolder: string | undefined
}

/** Gives a command the options that every client of the API has. */
export function withApi(command: Command): Command {
  command.option(
    '--api <url>',
    'where the API is (env: WIKISTEAD_API; default: the `wikistead start` on this machine)',
  )
  return withJson(withDataFolder(withToken(command)))
}

/** Gives a command what says who asks. */
export function withToken(command: Command): Command {
  return (
    command
      .option(
        '--token-file <path>',
        'a file with the token of who asks (env: WIKISTEAD_TOKEN has the token itself; default: bootstrap-token in the data folder)',
      )
      // Refused in words of its own.
      .addOption(new Option('--token <token>').hideHelp())
  )
}

/** What says who asks, where anything was given. @throws CommandFailure when it cannot be taken */
function givenToken(options: Options, env: Environment): string | undefined {
  const { token, tokenFile: file } = options
  if (token !== undefined) {
    throw new CommandFailure(
      'usage',
      'A token is not taken from the command line, which everybody on this machine can read.',
      {
        next: 'Give it as WIKISTEAD_TOKEN, or name a file that holds it with --token-file.',
      },
    )
  }
  if (typeof file !== 'string') return given(undefined, env['WIKISTEAD_TOKEN'])
  try {
    const held = readFileSync(file, 'utf8').trim()
    if (held !== '') return held
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw new CommandFailure('usage', `The file with the token, ${file}, cannot be read (${code}).`)
  }
  throw new CommandFailure('usage', `The file with the token, ${file}, is empty.`)
}

export function withJson(
  command: Command,
  meaning = 'one JSON object a line, the last one the result',
): Command {
  return command.option('--json', meaning)
}

/**
 * As `findApi`, for who names nothing and has no `start` of their own: the demo, if it runs.
 * @throws CommandFailure when what was named is no URL; ConfigProblems
 */
export async function findApiOrDemo(options: Options, env: Environment): Promise<ClientPlace> {
  const demo = await runningDemo(options, env)
  const asked = demo === undefined ? options : { ...options, dataFolder: demo }
  if (demo !== undefined) rememberDataFolder(demo)
  const place = await findApi(asked, env)
  const asides = [
    ...(demo === undefined ? [] : [`The demo is asked, in ${demo}; --data-folder names another.`]),
    ...(place.asides ?? []),
  ]
  return { ...place, asides, dataFolder: dataFolderOf(asked, env) }
}

async function runningDemo(options: Options, env: Environment): Promise<string | undefined> {
  const names = [options['dataFolder'], options['config'], options['api'], env['WIKISTEAD_API']]
  if (
    names.some((name) => name !== undefined) ||
    given(undefined, env['WIKISTEAD_DATA_FOLDER']) !== undefined
  ) {
    return undefined
  }
  const [demo, usual] = [demoFolder(env), dataFolderOf(options, env)]
  if (demo === undefined || usual === undefined) return undefined
  const { readRunning } = await import('@wikistead/server/running')
  return (await readRunning(usual)) === undefined && (await readRunning(demo)) !== undefined
    ? demo
    : undefined
}

/** Undefined where a setting is wrong, which is told by whoever needs them. */
function dataFolderOf(options: Options, env: Environment): string | undefined {
  try {
    return configOf(options, env, { uses: clientParts }).dataFolder
  } catch {
    return undefined
  }
}

/** @throws CommandFailure when what was named is no URL; ConfigProblems */
export async function findApi(options: Options, env: Environment): Promise<ApiPlace> {
  const named = given(options['api'], env['WIKISTEAD_API'])
  const token = givenToken(options, env)
  // The settings are those of the servers: a client that needs none of them must not stumble over one.
  const config =
    named !== undefined && token !== undefined ? undefined : configOf(options, env, { uses: clientParts })
  const url = named === undefined ? await localUrl(config) : checked(named)
  if (token !== undefined) return { url, token, tokenFrom: 'the one that was given' }
  return localPlace(config, url)
}

const asNobody = (url: string, why: string): ApiPlace => ({
  ...{ url, token: undefined, tokenFrom: why },
  asides: [`Nobody in particular asks, who sees and does what strangers may. The token: ${why}.`],
})

function given(flag: unknown, variable: string | undefined): string | undefined {
  if (typeof flag === 'string') return flag
  return variable === undefined || variable === '' ? undefined : variable
}

function checked(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return url.replace(/\/+$/, '')
  throw new CommandFailure('usage', `${url} is no address of an API.`, {
    next: 'Write it like http://127.0.0.1:8410.',
  })
}

async function localUrl(config: Config | undefined): Promise<string> {
  if (config === undefined) return ''
  const { readRunning } = await import('@wikistead/server/running')
  const running = await readRunning(config.dataFolder)
  if (running !== undefined) return running.api
  return `http://${isIP(config.host) === 6 ? `[${config.host}]` : config.host}:${String(config.port)}`
}

/**
 * This machine's own token is for this machine's own API: for the one that has proven to be of the data folder.
 * @throws CommandFailure when a stranger answers where it should be
 */
async function localPlace(config: Config | undefined, url: string): Promise<ApiPlace> {
  const { hostname } = new URL(url)
  if (config === undefined || !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) {
    return asNobody(url, 'none was given')
  }
  const { bootstrapTokenFile } = await import('@wikistead/server/bootstrap')
  const file = bootstrapTokenFile(config.dataFolder)
  let token: string
  try {
    token = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return asNobody(url, `none was given, and ${file} cannot be read (${code})`)
  }
  const { askForProof } = await import('@wikistead/server/api-proof')
  const proof = await askForProof(config.dataFolder, url)
  if (proof.kind === 'proven') return { url: proof.url, token, tokenFrom: `the one in ${file}` }
  // Whoever asks next finds nobody, and says so.
  if (proof.kind === 'silent') return { url, token: undefined, tokenFrom: 'none was sent: no API answered' }
  throw new CommandFailure(
    'unreachable',
    `What answers at ${url} has not proven to be the API of ${config.dataFolder}, so it is not sent the token there.`,
    {
      code: 'not_proven',
      next: 'Name its data folder with --data-folder, or say who asks with --token-file or WIKISTEAD_TOKEN.',
    },
  )
}
