/** Phase `render_ini`: what is the wiki's own in pubwiki.ini, which goes with its folder, and its users of Redis and OpenSearch. */
import { join } from 'node:path'
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { renderPubwikiIni, requireOwnFolder } from '../ini/pubwiki-file.ts'
import { requireIndexBase } from '../ini/index-base.ts'
import { pubwikiValues } from '../ini/pubwiki-values.ts'
import { parseSiteName } from '../names/site-name.ts'
import { phpUserOfNew } from '../folder/php-users.ts'
import { leftNothing } from './left-nothing.ts'
import { folderOf, requireWiki, type CreateWikiInput } from './task-wiki.ts'
import { provideRedisLogin } from './wiki-redis.ts'
import { provideSearchLogin, usesSearchUsers } from './wiki-search.ts'

export const loginsStep = 'render_ini'

export function renderIni(deps: MediaWikiDeps) {
  return async ({ slug, name, language, visibility, isHub, run }: CreateWikiInput): Promise<void> => {
    const { farm, oauthForPhp, search } = deps
    const hasLogins = deps.redis !== undefined || usesSearchUsers(deps)
    await runStep(
      deps,
      {
        ...{ run, phase: 'render_ini', from: 20, message: 'Writing the wiki’s settings.' },
        ...(hasLogins && {
          ledger: { step: loginsStep, detail: () => ({ slug }), leftNothing },
        }),
        recall: () => Promise.resolve(),
      },
      async ({ task: row, signal }) => {
        const { task_id: task } = row
        const folder = folderOf(deps, slug)
        const { gid } = phpUserOfNew(deps.phpUsers, { wikiId: requireWiki(row), isHub })
        await requireOwnFolder(folder, task)
        // Else its indices would have names that another wiki's may have.
        if (search === 'cirrus') await requireIndexBase(folder)
        const of = { folder, slug, task, signal }
        const redis = await provideRedisLogin(deps, of)
        const searchLogin = await provideSearchLogin(deps, of)
        await renderPubwikiIni({
          ...{ folder, task, gid },
          values: pubwikiValues({
            ...{ slug, visibility, site: parseSiteName(name, language), redis },
            search: searchLogin,
            farm: {
              ...farm,
              ...(isHub && { sharedDatabase: undefined }),
              more: {
                ...farm.more,
                WIKIFARM_SEARCH: search,
                WIKI_OAUTH_DIR: join(oauthForPhp, slug),
                ...(isHub && deps.hubValues?.()),
              },
            },
          }),
        })
      },
      async (scope, _value, { task_id: taskId }) => {
        if (hasLogins) await scope.ledger.settle(taskId, loginsStep, 'made')
        return {
          ...{ type: 'progress', status: 'running', progress: 23, phase: 'render_ini' },
          message: 'The settings are written.',
        }
      },
    )
  }
}
