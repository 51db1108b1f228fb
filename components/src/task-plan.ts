import type { Engine, Phase, TaskKind } from '@wikistead/contracts'

/** The phases that a person expects of a task, in order; what some farms only do is shown once it happens. */
export function taskPlan(kind: TaskKind, engine: Engine): readonly Phase[] {
  return plans[`${engine}/${kind}`] ?? plans[kind] ?? []
}

const plans: Readonly<Record<string, readonly Phase[]>> = {
  'mediawiki/create_wiki': [
    'dir_copy',
    'render_ini',
    'db_provision',
    'oauth',
    'docker_install',
    'flip_bootstrap',
    'index',
  ],
  'fedwiki/create_wiki': ['check_quota', 'create_site'],
  'mediawiki/delete_wiki': ['archive_wiki'],
  'fedwiki/delete_wiki': ['delete_site'],
  'mediawiki/restore_wiki': ['restore_wiki'],
  'fedwiki/restore_wiki': ['restore_site'],
  'mediawiki/purge_wiki': ['purge_wiki'],
  'fedwiki/purge_wiki': ['purge_site'],
  'fedwiki/change_wiki': ['change_site'],
  sync_sites: ['list_sites', 'sync_sites'],
}

/** Where each phase stands among all; what happens beside others counts with them. */
export const phaseOrder: readonly Phase[] = [
  'check_quota',
  'create_site',
  'delete_site',
  'restore_site',
  'purge_site',
  'change_site',
  'list_sites',
  'sync_sites',
  'dir_copy',
  'render_ini',
  'db_provision',
  'oauth',
  'docker_install',
  'docker_index_cfg',
  'flip_bootstrap',
  'index',
  'archive_wiki',
  'restore_wiki',
  'purge_wiki',
]
