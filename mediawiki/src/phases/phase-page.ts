/** docs/mediawiki-phases.md: what each phase of a new wiki does, how it is taken back, and how the rest of its life goes. */
import type { Phase } from '@wikistead/contracts'
import { markdownTable } from '@wikistead/contracts/markdown-table'

interface Told {
  readonly does: string
  readonly takenBack: string
}

/** In the order in which they are done; `oauth` is done beside the first three. */
export const creationPhases = {
  dir_copy: {
    does: 'copies `WIKIFARM_TEMPLATE` to `WIKIFARM_DIR/<slug>`, by reflink where the file system can; made under another name with the mark of its task inside, then renamed',
    takenBack: 'removes the folder if the mark inside is this task’s, and whatever the task left unfinished',
  },
  render_ini: {
    does: 'makes the wiki’s users of Redis and OpenSearch, where there are such; writes `pubwiki.ini` with a database password of the wiki’s own, mode 0640, readable by PHP’s user',
    takenBack: 'removes the users; the rest goes with the folder',
  },
  db_provision: {
    does: 'CREATE DATABASE (its comment names the task: that is the claim), CREATE USER, GRANT of what MediaWiki needs on it and on the shared account tables, FLUSH PRIVILEGES',
    takenBack:
      'revokes, ends the user’s connections, drops the user and then the database, if the comment is this task’s or, once the phase has ended, if the store says so',
  },
  oauth: {
    does: 'makes `oauth.key` and `oauth.cert` (a public key, PEM) in `WIKIFARM_OAUTH_DIR/<slug>`',
    takenBack: 'removes that folder if the mark inside is this task’s',
  },
  docker_install: {
    does: '`php maintenance/run installPreConfigured` in the wiki’s folder; with `wikifarm-install: clone` the tables of a fresh wiki of that language are copied instead, by the wiki’s own user',
    takenBack: 'the script is ended and proven dead; what it made goes with the database',
  },
  docker_index_cfg: {
    does: 'only with `wikifarm-search: cirrus`: `UpdateSearchIndexConfig.php`',
    takenBack: 'deletes the wiki’s indices and records in OpenSearch',
  },
  flip_bootstrap: {
    does: 'WIKI_BOOTSTRAPING=false, and the founder becomes bureaucrat and sysop, read back; from its end on the wiki is usable. Where it has accounts of its own, the founder’s is made without a password: `POST /v1/wikis/{id}/first-sign-in` gives a link under which they choose one',
    takenBack: 'WIKI_BOOTSTRAPING=true, first of all',
  },
  index: {
    does: '`ForceSearchIndex.php --skipLinks --indexOnSkip`, then `--skipParse`; with `core` `rebuildtextindex`. Its failure is a warning, and `wikistead retry TASK` does it again',
    takenBack: 'nothing of its own',
  },
} as const satisfies Partial<Record<Phase, Told>>

const laterPhases = {
  change_owner: {
    does: 'the new owner’s account (the hub’s; else one of the wiki’s own that is made for them, never one that somebody has already) becomes bureaucrat and sysop, and the former owner’s is neither any more, in one transaction; read back before the wiki’s row changes hands',
    takenBack:
      'gives each of the two the rights that they had, by what that transaction kept; an account that was made stays, without rights and without a password',
  },
  change_settings: {
    does: 'WIKI_SITE_NAME, WIKI_VISIBILITY and WIKI_SERVING in `pubwiki.ini`, all at once; WIKI_META_NAMESPACE stays as it was made, so that no page of it is orphaned by a new name',
    takenBack: 'writes the old values, which are in the ledger, back',
  },
  archive_wiki: {
    does: 'takes the wiki out of service: it answers 503 by itself, and nothing of it is touched',
    takenBack: 'puts it back into service',
  },
  restore_wiki: {
    does: 'puts it back into service within its undo window',
    takenBack: 'takes it out of service again',
  },
  purge_wiki: {
    does: 'the same compensations over all of it, then counts folders, keys, database, user, grants, search indices, keys in Redis and users of both: while anything is left, the task does not end',
    takenBack: 'what was begun is ended: half a wiki serves nobody',
  },
} as const satisfies Partial<Record<Phase, Told>>

export function phasePage(): string {
  return `# The phases of a MediaWiki wiki

Written by \`npm run docs\` from \`mediawiki/src/phases/phase-page.ts\`.

What a phase may leave behind is in the task's ledger before it begins. When a task fails or is cancelled, the ledger is
gone through from its end, each part apart: one that cannot be taken back now does not keep the others. Only what bears
the task's own mark is ever removed.

## Creating

${table(creationPhases)}

## Afterwards

${table(laterPhases)}
`
}

function table(phases: Readonly<Record<string, Told>>): string {
  return markdownTable([
    ['phase', 'what it does', 'how it is taken back'],
    ...Object.entries(phases).map(([phase, { does, takenBack }]) => [`\`${phase}\``, does, takenBack]),
  ])
}
