/**
 * Variables of the environment that look like settings of ours and are none. The environment is everybody's: whatever
 * stands there may be another program's, so it is told and stops nothing.
 */
import { closestMatch } from 'leven'
import type { ConfigNote } from './config-note.ts'
import { settings } from '../settings/settings.ts'

/** Read by commands beside the settings. */
const others = ['WIKISTEAD_API', 'WIKISTEAD_TOKEN', 'WIKISTEAD_MEDIAWIKI']
const known: readonly string[] = [...settings.map(({ env }) => env), ...others]

/** Whatever begins so is ours. */
const ours = /^(?:WIKISTEAD|WIKIFARM)_/
/** Temporal's own, of its profiles. */
const temporals =
  /^TEMPORAL_(?:PROFILE|CONFIG_FILE|API_KEY|TLS(?:_.+)?|CODEC_(?:ENDPOINT|AUTH)|GRPC_META(?:_.+)?)$/
/** What Kubernetes tells every container of a service that is called like us. */
const kubernetes = /_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT_\d+_(?:TCP|UDP)(?:_(?:PROTO|PORT|ADDR))?)$/

export function strayVariables(env: Readonly<Record<string, string | undefined>>): ConfigNote[] {
  return Object.entries(env).flatMap(([variable, value]): ConfigNote[] => {
    if (!value || known.includes(variable) || temporals.test(variable) || kubernetes.test(variable)) return []
    const meant = likeliest(variable)
    if (meant === undefined && !ours.test(variable)) return []
    const mend = `no setting${meant === undefined ? '; docs/configuration.md lists all' : `; did you mean ${meant}?`}`
    return [{ kind: 'unknown', setting: variable, source: 'environment', mend }]
  })
}

function likeliest(variable: string): string | undefined {
  // Most begin with WIKISTEAD_, and some do not: each is mistaken for the other.
  for (const other of [`WIKISTEAD_${variable}`, variable.replace(/^WIKISTEAD_/, '')]) {
    if (known.includes(other)) return other
  }
  // A short name is near to anything.
  if (variable.length < 8) return undefined
  const maxDistance = ours.test(variable) ? Math.max(2, Math.floor(variable.length / 5)) : 2
  return closestMatch(variable, [...known], { maxDistance })
}
