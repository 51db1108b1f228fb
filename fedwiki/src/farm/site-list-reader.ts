/**
 * FarmManager's list holds every site with its whole owner.json, in one array. It is read as it arrives, so memory
 * stays bounded however many the sites and however fat the files. Whatever ends early or is no such list is a fault,
 * and then nothing that was received before may be believed.
 */
import { getManyValues, isMany, none } from 'stream-chain/core'
import { jsonParser, type Token } from 'stream-json/core/parser.js'
import { isPlainDomain, isReservedDomain, type DomainRules } from '@wikistead/contracts'
import { FarmFault } from './farm-error.ts'
import { siteAnswer, type Site } from './farm-manager-answers.ts'
import { SiteAssembler } from './site-assembler.ts'

/** What a whole list held; all zero for a farm without a single folder. */
export interface SiteListSummary {
  /** Received as sites. */
  readonly sites: number
  /** Folders of the farm that are no site of ours, by reason. */
  readonly skipped: {
    /** The admin host, the root and reserved names. */
    readonly reserved: number
    /** A name that is no plain domain, which nothing of ours can have. */
    readonly notADomain: number
  }
}

/** Gets the next sites of a list; the list waits for it. */
export type ReceiveSites = (sites: readonly Site[]) => void | Promise<void>

export interface SiteListOptions {
  readonly rules: DomainRules
  readonly maxListBytes: number
}

/** @throws FarmFault when this is not one whole list of sites; whatever `body` and `receive` throw */
export async function readSiteList(
  body: AsyncIterable<Uint8Array>,
  receive: ReceiveSites,
  { rules, maxListBytes }: SiteListOptions,
): Promise<SiteListSummary> {
  const parse = siteParser()
  const names = new Set<string>()
  const skipped = { reserved: 0, notADomain: 0 }
  let batch: Site[] = []
  let sites = 0
  let bytes = 0
  const hand = async () => {
    const handed = batch
    batch = []
    sites += handed.length
    if (handed.length > 0) await receive(handed)
  }
  const sort = (found: readonly Site[]) => {
    for (const site of found) {
      if (names.has(site.domain)) throw unbelievable('names one site twice')
      names.add(site.domain)
      if (!isPlainDomain(site.domain)) skipped.notADomain++
      else if (isReservedDomain(site.domain, rules)) skipped.reserved++
      else batch.push(site)
    }
  }

  for await (const piece of body) {
    bytes += piece.length
    if (bytes > maxListBytes) throw unbelievable(`is longer than ${maxListBytes} bytes`)
    sort(parse.take(piece))
    if (batch.length >= batchSize) await hand()
  }
  parse.end()
  await hand()
  return { sites, skipped }
}

const batchSize = 500

/** Bytes in, sites out, each as soon as its last brace is there. */
function siteParser() {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const tokenize = jsonParser({ packValues: false })
  const assembler = new SiteAssembler()

  const sitesIn = (text: string | typeof none): Site[] => {
    const tokens = tokenize(text as string)
    const sites: Site[] = []
    // Dozens of tokens a site, thousands of sites: an array for each token would cost more than the parsing.
    for (const token of isMany(tokens) ? getManyValues<Token>(tokens) : []) {
      const fields = assembler.take(token)
      if (fields) sites.push(siteAnswer.parse(fields))
    }
    return sites
  }
  // Neither a parser's words nor those of a schema go further: they may quote what they read.
  const believing = (read: () => Site[]): Site[] => {
    try {
      return read()
    } catch {
      throw unbelievable('is no whole list of sites')
    }
  }
  return {
    take: (piece: Uint8Array) => believing(() => sitesIn(decoder.decode(piece, { stream: true }))),
    end(): void {
      believing(() => [...sitesIn(decoder.decode()), ...sitesIn(none)])
    },
  }
}

function unbelievable(what: string): FarmFault {
  return new FarmFault(`The farm's list of its sites cannot be believed: it ${what}.`, {
    mayHaveReachedFarm: true,
    status: 200,
  })
}
