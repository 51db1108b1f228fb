/**
 * A new wiki's founder: the command of the template (makeFounder.php) that makes them sysop and bureaucrat, and what it
 * read back from the wiki's database. A wiki that shares a hub's accounts knows them only when it is in service; one
 * with accounts of its own should have its founder before anybody else can sign up under that name.
 */
import { Refusal } from '@wikistead/contracts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'
import type { RunnerCommand } from '../runners/runner.ts'

export interface FounderOptions {
  /** The name of their account; it need not be one that MediaWiki takes. */
  readonly name: string
  /** Our own number of them: by it the wiki knows whose the account is. */
  readonly userId?: number | undefined
  /** Of their account on the hub, which goes before the name: somebody else may have that now. */
  readonly account?: number | undefined
}

export interface Founder {
  /** As MediaWiki has it. */
  readonly user: string
  /** On the hub, where accounts are the hub's. */
  readonly userId: number
  /** `sysop` and `bureaucrat` among them. */
  readonly groups: readonly string[]
}

/** How the command ends besides 0; anything else is a fault. */
export const founderExit = { noSuchAccount: 3, noSuchName: 4 } as const

/** To be run in the wiki's folder. */
export function founderCommand({
  name,
  userId,
  account,
}: FounderOptions): Pick<RunnerCommand, 'argv' | 'env'> {
  return {
    argv: ['php', 'maintenance/run', 'makeFounder'],
    env: {
      // No environment holds a NUL, and a name with another control character is as impossible.
      WIKISTEAD_FOUNDER: name.replaceAll('\0', '\u0001'),
      ...(userId !== undefined && { WIKISTEAD_USER: String(userId) }),
      ...(account !== undefined && { WIKISTEAD_ACCOUNT: String(account) }),
    },
  }
}

/**
 * What the command wrote to stdout before it ended with 0.
 * @throws ProvisioningFault `founder_unread`, or `founder_not_promoted` when the wiki's database lacks one of the groups;
 * Refusal `identity_needed` when another account than that of the hub was made founder, as a wiki does whose command is of
 * an earlier release and knows names only
 */
export function readFounder(stdoutLines: readonly string[], account?: number): Founder {
  // An extension may have said something before.
  const founder = stdoutLines.map(parse).findLast((found) => found !== undefined)
  if (founder === undefined) {
    throw new ProvisioningFault('MediaWiki did not say who the wiki’s founder is.', 'founder_unread')
  }
  if (!['sysop', 'bureaucrat'].every((group) => founder.groups.includes(group))) {
    throw new ProvisioningFault('The founder is not the wiki’s sysop and bureaucrat.', 'founder_not_promoted')
  }
  if (account !== undefined && founder.userId !== account) {
    throw new Refusal(
      'identity_needed',
      `${founder.user} is another account of the hub than the one that this is for, which was renamed. Open Special:WikiFarm there with it once, then try again.`,
      { promoted: founder.userId },
    )
  }
  return founder
}

function parse(line: string): Founder | undefined {
  if (!line.startsWith('{')) return undefined
  let told: unknown
  try {
    told = JSON.parse(line)
  } catch {
    return undefined
  }
  const { user, user_id: userId, groups } = told as Record<string, unknown>
  const holds =
    typeof user === 'string' &&
    user !== '' &&
    typeof userId === 'number' &&
    userId > 0 &&
    Array.isArray(groups) &&
    groups.every((group) => typeof group === 'string')
  return holds ? { user, userId, groups } : undefined
}
