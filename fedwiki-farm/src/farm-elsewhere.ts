/**
 * A farm that somebody else runs, as the guard needs to know it. Nobody tells when it was started again, and it opens its
 * sites anew then; so a connection to it is held, and once that ends nothing counts as open any more. The farm also ends
 * it by itself now and then: then each site costs one more small request.
 */
import { connect, type Socket } from 'node:net'
import { OpenSites } from './open-sites.ts'

export interface FarmPlace {
  readonly host: string
  readonly port: number
  /** The one site that serves FarmManager. */
  readonly adminHost: string
}

export interface FarmElsewhere extends FarmPlace, Disposable {
  warmUp(host: string): Promise<boolean>
}

const againAfterMs = 250

export function farmElsewhere(place: FarmPlace): FarmElsewhere {
  const sites = new OpenSites(place.port, place.host)
  let socket: Socket
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  const hold = (): void => {
    socket = connect({ host: place.host, port: place.port })
      .on('error', () => undefined)
      .on('close', () => {
        sites.forgetAll()
        if (!isOver) timer = setTimeout(hold, againAfterMs)
      })
    // What the farm may say before it hangs up is nobody's.
    socket.resume()
  }
  hold()
  return {
    ...place,
    warmUp: (host) => sites.open(host),
    [Symbol.dispose]() {
      isOver = true
      clearTimeout(timer)
      socket.destroy()
    },
  }
}
