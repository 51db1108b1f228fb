import type { Command } from 'commander'
import { z } from 'zod'
import { withApi } from '../../api-place.ts'
import { openClient } from '../../open-client.ts'
import type { Environment, Options } from '../../setting-flags.ts'

const SignInLink = z.object({ url: z.string(), expires_at: z.string() })

export function addSignInLink(program: Command, env: Environment): void {
  withApi(program.command('sign-in-link'))
    .description('a link that signs a browser in as the local admin, once and within 15 minutes')
    .action(async (options: Options) => {
      const { api, out } = await openClient(options, env)
      const link = await api.ask({ method: 'POST', path: '/auth/local', answer: SignInLink })
      out.done(link, link.url)
    })
}
