import { operationOf } from '@wikistead/contracts/operations'
import type { Engine, Phase, TaskKind } from '@wikistead/contracts'

/** The phases that a person expects of a task, in order; what some farms only do is shown once it happens. */
export const taskPlan = (kind: TaskKind, engine: Engine): readonly Phase[] => operationOf(kind, engine).phases

/** Where each phase stands among all; what happens beside others counts with them. */
export const placeOfPhase: Readonly<Record<Phase, number>> = {
  check_quota: 1,
  create_site: 2,
  delete_site: 3,
  restore_site: 4,
  purge_site: 5,
  change_site: 6,
  list_sites: 7,
  sync_sites: 8,
  dir_copy: 10,
  render_ini: 11,
  db_provision: 12,
  oauth: 13,
  docker_install: 14,
  docker_index_cfg: 15,
  flip_bootstrap: 16,
  index: 17,
  archive_wiki: 20,
  restore_wiki: 21,
  purge_wiki: 22,
  change_settings: 23,
  change_owner: 24,
  suspend_wiki: 25,
  lift_suspension: 26,
  rollback: 30,
}
