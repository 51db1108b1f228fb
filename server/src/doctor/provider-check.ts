import { Provider } from '@wikistead/api'
import type { Config } from '@wikistead/config'
import { createLogger } from '../parts/log.ts'
import { signInProvider } from '../parts/sign-in-provider.ts'
import { broken, fine, type Check } from './check.ts'

export async function checkProvider(config: Config): Promise<Check> {
  const settings = signInProvider(config)
  if (settings === undefined) {
    return fine(
      'sign-in',
      config.accounts ? 'by accounts of this farm' : 'by one-time links; no provider is set',
    )
  }
  const provider = new Provider(settings, () => config.publicUrl ?? '', createLogger('silent'))
  const { ok, detail, mend = '' } = await provider.examine()
  return ok ? fine('sign-in', detail) : broken('sign-in', detail, mend)
}
