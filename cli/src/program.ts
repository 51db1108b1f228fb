import { Command } from 'commander'
import { configOf, withSettings, type Environment } from './setting-flags.ts'
import { stopSignal } from './until-stopped.ts'

export function buildProgram(env: Environment): Command {
  const program = new Command('wikistead')
    .description('The control plane of a wiki farm.')
    .exitOverride()
    .showHelpAfterError('(run with --help for the options)')
  withSettings(program.command('start'))
    .description('run everything on this machine: API, worker, store, Temporal and a FedWiki farm')
    .action(async (options: Record<string, unknown>) => {
      const config = configOf(options, env)
      const { createLogger, start } = await import('@wikistead/server')
      const logger = createLogger(config.logLevel)
      const stop = stopSignal()
      await using started = await start(config, {
        ...{ env, logger },
        onNote: (line) => {
          logger.info(line)
        },
      })
      logger.info({ url: started.url, farm_url: started.farm?.door.url }, 'wikistead is up')
      await Promise.race([stop, started.ended])
    })
  withSettings(program.command('api'))
    .description('run the API alone, against a store and a Temporal that others run')
    .action(async (options: Record<string, unknown>) => {
      const config = configOf(options, env)
      const { createLogger, runApi } = await import('@wikistead/server')
      const logger = createLogger(config.logLevel)
      const stop = stopSignal()
      await using api = await runApi(config, { env, logger })
      logger.info({ url: api.url }, 'the API is up')
      await stop
    })
  withSettings(program.command('worker'))
    .description('run a worker alone, against a store and a Temporal that others run')
    .action(async (options: Record<string, unknown>) => {
      const config = configOf(options, env)
      const { createLogger, runWorkerAlone } = await import('@wikistead/server')
      const logger = createLogger(config.logLevel)
      const stop = stopSignal()
      await using worker = await runWorkerAlone(config, { env, logger })
      logger.info('the worker is up')
      await Promise.race([stop, worker.ended])
    })
  return program
}
