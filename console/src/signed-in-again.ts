/** Tells the other tabs of this browser that somebody has signed in again in one of them. */
const name = 'wikistead-signed-in-again'

export function tellSignedInAgain(): void {
  const channel = new BroadcastChannel(name)
  channel.postMessage(null)
  channel.close()
}

/** Gives what ends it. */
export function hearSignedInAgain(heard: () => void): () => void {
  const channel = new BroadcastChannel(name)
  channel.addEventListener('message', heard)
  return () => {
    channel.close()
  }
}
