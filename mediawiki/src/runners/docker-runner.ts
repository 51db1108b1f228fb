/** Runs commands in a container, by way of the Docker Engine's socket on this host, or over TCP and TLS. */
import { Agent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import Docker from 'dockerode'
import { CommandRunner, type CommandRunnerOptions } from './command-runner.ts'
import { EnginePlace, type ContainerOptions } from './engine-place.ts'
import { settings } from './engine-settings.ts'
import type { Runner } from './runner.ts'

export interface DockerRunnerOptions extends CommandRunnerOptions, ContainerOptions {
  /** `/var/run/docker.sock` when left out. */
  readonly socketPath?: string
  /** Instead of the socket. */
  readonly overTcp?: DockerOverTcp | undefined
}

/** Whoever reaches the engine has its machine: so it asks for our certificate, and we for its. */
interface DockerOverTcp {
  readonly host: string
  readonly port: number
  /** PEM, each. */
  readonly ca?: string | undefined
  readonly cert: string
  readonly key: string
}

export function createDockerRunner(options: DockerRunnerOptions): Runner {
  if (options.overTcp !== undefined) return overTcp(options, options.overTcp)
  const { socketPath = '/var/run/docker.sock' } = options
  const agent = new Agent({ keepAlive: true })
  const docker = new Docker(settings({ protocol: 'http', socketPath, agent }))
  const words = {
    name: `The Docker engine at ${socketPath}`,
    mendAway: 'Start Docker again.',
    mendDenied: 'Let the worker open the socket, as root or in the group docker.',
  }
  return new CommandRunner('docker', new EnginePlace({ docker, agent, words, ...options }), options)
}

function overTcp(options: DockerRunnerOptions, { host, port, ca, cert, key }: DockerOverTcp): Runner {
  const agent = new HttpsAgent({ keepAlive: true })
  const docker = new Docker(settings({ protocol: 'https', host, port, ca, cert, key, agent }))
  const words = {
    name: `The Docker engine at ${host}:${String(port)}`,
    mendAway: 'Start Docker again, and see that docker-host names where it listens.',
    mendDenied:
      'See to its certificate and docker-ca-file, and to ours in docker-cert-file and docker-key-file.',
  }
  return new CommandRunner('docker', new EnginePlace({ docker, agent, words, ...options }), options)
}
