import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Command } from 'commander'
import { withApi } from '../../api-place.ts'
import { findWiki } from '../../find-wiki.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

export function addOpen(program: Command, env: Environment): void {
  withApi(program.command('open'))
    .description('open a wiki in the browser, where there is a desktop; say its address in any case')
    .argument('<wiki>', 'its id, site name or domain')
    .action(async (meant: string, options: Options) => {
      const { api, out } = await openClient(options, env)
      const { id, url } = await findWiki(api, meant)
      const opened = out.interactive && hasDesktop(env) && (await openedInBrowser(url))
      out.done({ wiki_id: id, url, opened }, url)
    })
}

const hasDesktop = ({ DISPLAY = '', WAYLAND_DISPLAY: wayland = '' }: Environment): boolean =>
  DISPLAY !== '' || wayland !== ''

/** Whether a browser was asked. The address is one of our own store: a scheme and a host. */
async function openedInBrowser(url: string): Promise<boolean> {
  const opener = spawn('xdg-open', [url], { stdio: 'ignore', detached: true })
  try {
    await once(opener, 'spawn')
  } catch {
    return false
  }
  opener.unref()
  return true
}
