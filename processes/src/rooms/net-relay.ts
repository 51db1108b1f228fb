/** `node net-relay.ts SOCKET PORT UID:GID` passes what comes to the socket on to the port of 127.0.0.1; see `own-net.ts`. */
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import process from 'node:process'

const [socket = '', port = '', user = ''] = process.argv.slice(2)
// Of a run that was killed.
rmSync(socket, { force: true })
process.umask(0o177)
createServer((visitor) => {
  const inside = connect({ host: '127.0.0.1', port: Number(port), noDelay: true })
  // Whichever end goes, the other goes with it.
  inside.on('error', () => undefined).on('close', () => visitor.destroy())
  visitor.on('error', () => undefined).on('close', () => inside.destroy())
  visitor.pipe(inside).pipe(visitor)
}).listen(socket, () => {
  if (user === '') return
  const [uid = 0, gid = 0] = user.split(':').map(Number)
  process.setgroups?.([])
  process.setgid?.(gid)
  process.setuid?.(uid)
})
