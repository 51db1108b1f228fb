/** MediaWiki wikis by Wikistead and by the plain script, in turn, so that both meet the same machine. */
import { ApiClient } from './api-client.ts'
import { createWiki, type Create } from './mediawiki-create.ts'
import type { MediaWikiFarm, StepTimes, Template } from './mediawiki-farm.ts'
import { milliseconds, summarize } from './measure.ts'
import type { RunningWikistead } from './running-wikistead.ts'

export interface ScriptRun {
  readonly usableMs: number
  readonly steps: StepTimes
}

export interface OneAfterAnother {
  readonly ours: readonly Create[]
  /** By the template that it copied. */
  readonly script: ReadonlyMap<Template, readonly ScriptRun[]>
}

export interface AtOnce {
  readonly ours: number
  readonly script: number
  /** Of Wikistead and its Temporal, for a wiki; not of PHP and MariaDB. */
  readonly processorMs: number
}

export class MediaWikiRounds {
  readonly #wikistead: RunningWikistead
  readonly #farm: MediaWikiFarm
  readonly #api: ApiClient
  readonly #name: string
  #made = 0

  /** @param name begins the wikis' names */
  constructor(farm: MediaWikiFarm, wikistead: RunningWikistead, name: string) {
    this.#farm = farm
    this.#wikistead = wikistead
    this.#api = new ApiClient(wikistead.url, wikistead.token)
    this.#name = name
  }

  /** After two rounds that do not count. */
  async oneAfterAnother(rounds: number, templates: readonly Template[]): Promise<OneAfterAnother> {
    const ours: Create[] = []
    const script = new Map<Template, ScriptRun[]>(templates.map((template) => [template, []]))
    for (let round = -2; round < rounds; round += 1) {
      const create = await createWiki(this.#api, this.#slug())
      // Its search index is made after it can be used, and is not to be in the script's way.
      await create.ended
      if (round >= 0) ours.push(create)
      for (const template of templates) {
        const run = await this.#byScript(template)
        if (round >= 0) script.get(template)?.push(run)
      }
    }
    return { ours, script }
  }

  /** Wikis a second until all of them are done, search index and all; medians of the rounds. */
  async atOnce(wikis: number, rounds: number, template: Template): Promise<AtOnce> {
    const [ours, script]: [number[], number[]] = [[], []]
    const aSecond = async (make: () => Promise<unknown>) =>
      (wikis / (await milliseconds(() => Promise.all(Array.from({ length: wikis }, make))))) * 1_000
    let processorMs = 0
    for (let round = 0; round < rounds; round += 1) {
      const before = await this.#wikistead.processorMs()
      ours.push(await aSecond(async () => (await createWiki(this.#api, this.#slug())).ended))
      processorMs += (await this.#wikistead.processorMs()) - before
      script.push(await aSecond(() => this.#farm.byScript(template, this.#slug(), 'index')))
    }
    return {
      ...{ ours: summarize(ours).p50, script: summarize(script).p50 },
      processorMs: processorMs / rounds / wikis,
    }
  }

  async #byScript(template: Template): Promise<ScriptRun> {
    const slug = this.#slug()
    let steps: StepTimes = new Map()
    const usableMs = await milliseconds(async () => {
      steps = await this.#farm.byScript(template, slug)
    })
    return { usableMs, steps }
  }

  #slug(): string {
    this.#made += 1
    return `${this.#name}${String(this.#made)}`
  }
}
