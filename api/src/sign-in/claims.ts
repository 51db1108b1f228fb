/** What a provider says of a person, made fit for a name that others are shown. */

/** The first of these that is left with a letter or a digit; undefined: none is. */
export function nameFrom(claims: Readonly<Record<string, unknown>>): string | undefined {
  return [claims['name'], claims['preferred_username']].map(cleaned).find((name) => name !== undefined)
}

const most = 200

function cleaned(claim: unknown): string | undefined {
  if (typeof claim !== 'string') return undefined
  const plain = claim
    .normalize('NFC')
    // Controls, marks that turn the direction of what follows, halves of characters, what is for nobody.
    .replaceAll(/[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFD]/gu, ' ')
    .replaceAll(/\s+/gu, ' ')
  // By characters, so that none is cut in two.
  const cut = [...plain.trim()]
    .slice(0, most)
    .join('')
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim()
  return /[\p{L}\p{N}]/u.test(cut) ? cut : undefined
}

/** The `sid`, where it fits our column. */
export function sessionOf({ sid }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof sid === 'string' && sid !== '' && sid.length <= 255 ? sid : undefined
}

/** By the provider's clock alone: from when somebody showed who they are to when it said so. */
export function provenAgoMs({ auth_time: at, iat }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof at !== 'number' || typeof iat !== 'number') return undefined
  return Math.max(iat - at, 0) * 1_000
}
