/** Which request the provider is at work on: its adapter is asked without being told. */
import { AsyncLocalStorage } from 'node:async_hooks'

export interface RequestContext {
  /** Hash of the sign-in to the console of the browser that asks; undefined where no browser does. */
  readonly browserSession: string | null | undefined
  /** Of the sign-in that what is made now stands on: the browser's, or that of the code which is shown. */
  standsOn: string | null
  /** The client that somebody was signed in at. */
  signedIn?: { readonly clientId: string; readonly subject: string }
  /** Why not, in the words of the protocol. */
  refused?: string
}

const contexts = new AsyncLocalStorage<RequestContext>()

export const inContext = <T>(context: RequestContext, act: () => Promise<T>): Promise<T> =>
  contexts.run(context, act)

export const currentContext = (): RequestContext | undefined => contexts.getStore()
