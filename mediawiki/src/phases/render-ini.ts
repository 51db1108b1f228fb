/** Phase `render_ini`: what is the wiki's own in pubwiki.ini. It is in the wiki's folder, and goes with it. */
import { join } from 'node:path'
import { runStep } from '@wikistead/tasks/step'
import type { MediaWikiDeps } from './activity-deps.ts'
import { renderPubwikiIni } from '../ini/pubwiki-file.ts'
import { pubwikiValues } from '../ini/pubwiki-values.ts'
import { parseSiteName } from '../names/site-name.ts'
import { phpUserOfNew } from '../folder/php-users.ts'
import { folderOf, requireWiki, type CreateWikiInput } from './task-wiki.ts'

export function renderIni(deps: MediaWikiDeps) {
  return async ({ slug, name, language, visibility, isHub, run }: CreateWikiInput): Promise<void> => {
    const { farm, oauthForPhp, search } = deps
    await runStep(
      deps,
      {
        ...{ run, phase: 'render_ini', from: 20, message: 'Writing the wiki’s settings.' },
        recall: () => Promise.resolve(),
      },
      ({ task }) =>
        renderPubwikiIni({
          folder: folderOf(deps, slug),
          task: task.task_id,
          gid: phpUserOfNew(deps.phpUsers, { wikiId: requireWiki(task), isHub }).gid,
          values: pubwikiValues({
            ...{ slug, visibility, site: parseSiteName(name, language) },
            farm: {
              ...farm,
              ...(isHub && { sharedDatabase: undefined }),
              more: {
                ...farm.more,
                WIKIFARM_SEARCH: search,
                WIKI_OAUTH_DIR: join(oauthForPhp, slug),
                ...(isHub && deps.hubValues),
              },
            },
          }),
        }),
      () =>
        Promise.resolve({
          ...{ type: 'progress', status: 'running', progress: 23, phase: 'render_ini' },
          message: 'The settings are written.',
        }),
    )
  }
}
