import { ApiClient } from './api-client.ts'
import { findApiOrDemo } from './api-place.ts'
import { Output } from './output.ts'
import type { Environment, Options } from './setting-flags.ts'

export interface Client {
  readonly api: ApiClient
  readonly out: Output
  /** Of the `start` that is asked; undefined where none was looked for. */
  readonly dataFolder: string | undefined
}

/** What every command that talks to the API begins with. */
export async function openClient(options: Options, env: Environment): Promise<Client> {
  const out = new Output(options, env)
  const place = await findApiOrDemo(options, env)
  for (const aside of place.asides ?? []) out.aside(aside)
  return { api: new ApiClient(place), out, dataFolder: place.dataFolder }
}
