/**
 * `node download-temporal-cli.ts FOLDER` leaves the SDK's own choice of the Temporal CLI as FOLDER/temporal. The SDK
 * downloads only on the way to starting a server, so one is started and stopped.
 */
import { readdir, rename } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { TestWorkflowEnvironment } from '@temporalio/testing'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('usage: download-temporal-cli.ts FOLDER')
// Nobody waits for the download any more when the other end of this pipe is gone.
process.stdin.once('close', () => process.exit(1)).resume()
if (process.stdin instanceof Socket) process.stdin.unref()
try {
  const environment = await TestWorkflowEnvironment.createLocal({
    server: { executable: { type: 'cached-download', downloadDir: folder } },
  })
  await environment.teardown()
  const [file] = (await readdir(folder)).filter((name) => name.startsWith('temporal'))
  if (file === undefined) throw new Error('the SDK kept no file')
  await rename(join(folder, file), join(folder, 'temporal'))
} catch (error) {
  console.error(error instanceof Error ? error.message.split('\n')[0] : error)
  process.exitCode = 1
}
