export type WikifarmRunner = 'docker' | 'portainer' | 'host'

/** Where MediaWiki's scripts run, by what was set and what was not. */
export function wikifarmRunnerOf(values: {
  readonly wikifarmRunner?: WikifarmRunner | undefined
  readonly portainerEndpoint?: string | undefined
}): WikifarmRunner {
  return values.wikifarmRunner ?? (values.portainerEndpoint === undefined ? 'docker' : 'portainer')
}
