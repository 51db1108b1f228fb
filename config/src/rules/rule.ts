/** What must hold between settings. A rule is left out while one of the settings that it reads is wrong itself. */
import type { Values } from '../config.ts'
import type { SettingName } from '../settings/settings.ts'

export interface Rule {
  /** The setting that the problem is about. */
  readonly setting: SettingName
  readonly reads: readonly SettingName[]
  /** How to mend it; undefined when all is well. */
  readonly broken: (values: Values) => string | undefined
}
