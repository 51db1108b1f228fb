/** Runs commands in a container, by way of the Docker Engine's socket on this host. */
import { Agent } from 'node:http'
import Docker from 'dockerode'
import { CommandRunner, type CommandRunnerOptions } from './command-runner.ts'
import { EnginePlace, type ContainerOptions } from './engine-place.ts'
import { settings } from './engine-settings.ts'
import type { Runner } from './runner.ts'

export interface DockerRunnerOptions extends CommandRunnerOptions, ContainerOptions {
  /** `/var/run/docker.sock` when left out. */
  readonly socketPath?: string
}

export function createDockerRunner(options: DockerRunnerOptions): Runner {
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
