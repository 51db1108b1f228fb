/** Whether something answers: the ways in which the drill waits for a process. */
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export type Ready = (signal: AbortSignal) => Promise<void>

/** Somebody accepts connections there. */
export function accepts(host: string, port: number): Ready {
  return async (signal) => {
    while (!(await connects(host, port))) await sleep(50, undefined, { signal })
  }
}

/** Somebody answers with a 2xx. */
export function answersOk(url: string): Ready {
  return async (signal) => {
    for (; ; await sleep(50, undefined, { signal })) {
      const answer = await fetch(url, { signal }).catch(() => undefined)
      if (answer?.ok === true) return
    }
  }
}

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const answer = (connected: boolean) => () => {
      socket.destroy()
      resolve(connected)
    }
    socket.once('connect', answer(true)).once('error', answer(false))
  })
}
