/** The MediaWiki wiki as others meet it, through the front: it shows its main page under its own name. */
import type { Wiki } from '@wikistead/contracts'
import { CommandFailure } from '../errors.ts'
import { ask } from './ask.ts'
import type { Steps } from './steps.ts'

/** @throws CommandFailure that says what is not as it should be */
export async function checkWiki(frontUrl: string, { url, name }: Wiki, steps: Steps): Promise<void> {
  await steps.run(
    'wiki serves',
    'asking the wiki for its main page',
    async () => {
      const { host } = new URL(url)
      let path = '/'
      for (let hops = 0; hops < 5; hops += 1) {
        const { status, headers, body } = await ask(frontUrl, host, path)
        const to = headers.location
        if (status >= 300 && status < 400 && to !== undefined) {
          const next = new URL(to, url)
          path = next.pathname + next.search
        } else if (status === 200 && titleOf(body).includes(name)) return path
        else throw wrong(`${url}${path} answers HTTP ${String(status)}: “${titleOf(body)}”`)
      }
      throw wrong(`${url} leads nowhere`)
    },
    (path) => `GET ${url}${path}: 200, with its name in the title`,
  )
}

/** The hub's front page speaks with the service. @throws CommandFailure that says what is not as it should be */
export async function checkHub(frontUrl: string, hub: Wiki, steps: Steps): Promise<void> {
  await steps.run(
    'hub speaks',
    'asking the hub for its front page, and for featured wikis',
    async () => {
      const { host, pathname } = new URL(frontPage(hub))
      const page = await ask(frontUrl, host, pathname)
      if (page.status !== 200 || !page.body.includes('id="ext-wikifarm"')) {
        throw wrong(`${frontPage(hub)} answers HTTP ${String(page.status)}: “${titleOf(page.body)}”`)
      }
      const featured = await ask(frontUrl, host, '/rest.php/wikifarm/v1/wikis/featured')
      if (featured.status !== 200) throw wrong(`the hub’s extension is told: ${featured.body}`)
    },
    () => `${frontPage(hub)}: 200, and Wikistead answers it`,
  )
}

export const frontPage = ({ url }: Wiki): string => `${url}/wiki/Special:WikiFarm`

const titleOf = (html: string): string => /<title>([^<]*)/.exec(html)?.[1] ?? ''

function wrong(what: string): CommandFailure {
  return new CommandFailure('fault', `The demo’s wiki is not as it should be: ${what}.`, {
    code: 'wiki_check',
  })
}
