/** Runs commands in a container, by way of Portainer's proxy of the Docker Engine API. */
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import Docker from 'dockerode'
import { CommandRunner, type CommandRunnerOptions } from './command-runner.ts'
import { EnginePlace, type ContainerOptions } from './engine-place.ts'
import { settings } from './engine-settings.ts'
import type { Runner } from './runner.ts'

export interface PortainerRunnerOptions extends CommandRunnerOptions, ContainerOptions {
  /** `https://HOST/api/endpoints/ID/docker`; plain http on this machine only. */
  readonly endpoint: string
  /** Sent as `X-API-Key`. */
  readonly apiKey: string
  /** PEM; for a certificate that no public authority signed. */
  readonly ca?: string
}

/** @throws TypeError for an endpoint that is no URL, or would carry the key in the open */
export function createPortainerRunner(options: PortainerRunnerOptions): Runner {
  const { protocol, hostname, port, pathname, host } = new URL(options.endpoint)
  const secure = protocol === 'https:'
  if (!secure && !(protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(hostname))) {
    throw new TypeError('The endpoint of Portainer must be an https:// URL.')
  }
  const Agent = secure ? HttpsAgent : HttpAgent
  const agent = new Agent({ keepAlive: true })
  const docker = new Docker(
    settings({
      protocol: secure ? 'https' : 'http',
      host: hostname,
      port: port || (secure ? 443 : 80),
      // The library puts this before every path; of its own `pathPrefix` nothing is left when a path is absolute.
      version: pathname.replace(/^\/+|\/+$/g, ''),
      headers: { 'X-API-Key': options.apiKey },
      ca: options.ca,
      agent,
    }),
  )
  const words = {
    name: `Portainer at ${host}`,
    mendAway: 'See that Portainer and the engine behind it run.',
    mendDenied: 'See to its certificate, the API key, and the id of the endpoint in its URL.',
  }
  return new CommandRunner('portainer', new EnginePlace({ docker, agent, words, ...options }), options)
}
