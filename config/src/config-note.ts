/** Something about the configuration that is worth knowing, and stops nothing. */
export interface ConfigNote {
  /** `unknown`: a variable that looks like a setting of ours; `idle`: a setting that has no effect as things are. */
  readonly kind: 'unknown' | 'idle'
  /** The setting's name, or that of the variable. */
  readonly setting: string
  /** Where it comes from; never its value, which might be a secret. */
  readonly source: string
  /** What is likely meant, or why there is no effect. */
  readonly mend: string
}
