/** One mistake in the configuration. */
export interface Problem {
  /** The setting's name, or what was given as one; `the file` when it cannot be read at all. */
  readonly setting: string
  /** Where it comes from and what was given, e.g. `--port=http`; undefined when it is missing. Secrets are hidden. */
  readonly source: string | undefined
  readonly mend: string
}

/** Everything that is wrong with the configuration, one line a problem. */
export class ConfigProblems extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    const lines = problems.map(
      ({ setting, source, mend }) => `  ${setting}${source === undefined ? '' : ` (${source})`}: ${mend}`,
    )
    super(['The configuration needs mending:', ...lines].join('\n'))
    this.name = 'ConfigProblems'
    this.problems = Object.freeze([...problems])
  }
}
