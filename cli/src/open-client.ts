import { ApiClient } from './api-client.ts'
import { findApi } from './api-place.ts'
import { Output } from './output.ts'
import type { Environment, Options } from './setting-flags.ts'

export interface Client {
  readonly api: ApiClient
  readonly out: Output
}

/** What every command that talks to the API begins with. */
export async function openClient(options: Options, env: Environment): Promise<Client> {
  return { api: new ApiClient(await findApi(options, env)), out: new Output(options, env) }
}
