/** Something about the configuration that is worth knowing, and stops nothing. */
export interface ConfigNote {
  /**
   * `unknown`: a variable or credential that looks like a setting of ours; `idle`: a setting that has no effect as things
   * are; `open`: a secret in a file that others can read.
   */
  readonly kind: 'unknown' | 'idle' | 'open'
  /** The setting's name, or that of the variable. */
  readonly setting: string
  /** Where it comes from; never its value, which might be a secret. */
  readonly source: string
  /** What is likely meant, or why there is no effect. */
  readonly mend: string
}
