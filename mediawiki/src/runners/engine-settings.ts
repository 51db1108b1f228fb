import type { Agent } from 'node:http'
import type { DockerOptions } from 'dockerode'

interface EngineSettings {
  readonly protocol: 'http' | 'https'
  readonly socketPath?: string
  readonly host?: string
  readonly port?: string | number
  readonly version?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Missing in the library's types. */
  readonly agent: Agent
}

/** What the library is not told, it takes from DOCKER_HOST and its like: so all is told. */
export function settings(of: EngineSettings): DockerOptions {
  return { ...untold, ...of }
}

const untold = { host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined }
