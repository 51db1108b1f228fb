/** What the browser does with passkeys; whoever closes its dialog is told so, and may try again. */
import { FarmApiError } from '@wikistead/components'
import { startAuthentication, startRegistration } from '@simplewebauthn/browser'

/** As the API hands it out, and as the browser takes it. */
type Making = Parameters<typeof startRegistration>[0]['optionsJSON']
type SigningIn = Parameters<typeof startAuthentication>[0]['optionsJSON']

export const createPasskey = (options: unknown): Promise<unknown> =>
  told(() => startRegistration({ optionsJSON: options as Making }))

export const usePasskey = (options: unknown): Promise<unknown> =>
  told(() => startAuthentication({ optionsJSON: options as SigningIn }))

async function told<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch {
    throw new FarmApiError({ status: 0, code: 'passkey_cancelled' })
  }
}
