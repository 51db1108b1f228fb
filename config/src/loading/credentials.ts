/**
 * What systemd hands to a service as credentials (`LoadCredential=fedwiki-admin-token:/etc/…`): files in a folder that only
 * the service can read. One that is named as a setting is that setting: the content of a secret's, the path of a path's.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { closestMatch } from 'leven'
import type { ConfigNote } from './config-note.ts'
import type { Problem } from './config-problems.ts'
import { codeOf } from './error-code.ts'
import type { Given, GivenValues } from './config-sources.ts'
import { settings } from '../settings/settings.ts'

export function fromCredentials(folder: string | undefined, problems: Problem[]): GivenValues {
  const given = new Map<string, Given>()
  if (!folder) return given
  const there = namesIn(folder, problems)
  for (const { name, secret } of takers) {
    if (!there.has(name)) continue
    const place = `credential ${name}`
    const file: Given = { value: join(folder, name), folder, place, shown: () => place }
    given.set(secret ? `${name}-file` : name, file)
  }
  return given
}

/** A service may be handed what is not for us; what looks like a setting of ours and is taken for none is told. */
export function strayCredentials(folder: string | undefined): ConfigNote[] {
  if (!folder) return []
  return [...namesIn(folder, [])].flatMap((name): ConfigNote[] => {
    if (takers.some((setting) => setting.name === name)) return []
    const others = settings.map((setting) => setting.name).filter((other) => !takerNames.includes(other))
    const meant = closestMatch(name, takerNames, { maxDistance: Math.max(2, Math.floor(name.length / 5)) })
    if (!others.includes(name) && (meant === undefined || name.length < 8)) return []
    const mend = others.includes(name)
      ? 'no secret and no file: it stands in the configuration itself'
      : `no setting; did you mean ${meant ?? ''}?`
    return [{ kind: 'unknown', setting: name, source: 'credential', mend }]
  })
}

const takers = settings.filter(
  ({ secret, type, holds }) => secret || (type === 'path' && holds === undefined),
)
const takerNames = takers.map(({ name }) => name)

function namesIn(folder: string, problems: Problem[]): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder))
  } catch (error) {
    // A service is not started without them; whatever else has the variable may have outlived its service.
    if (codeOf(error) !== 'ENOENT') {
      const mend = `cannot be read: ${codeOf(error)}`
      problems.push({ setting: "systemd's credentials", source: folder, mend })
    }
    return new Set()
  }
}
