/** What is used here of MediaWiki's own JavaScript. */
interface MediaWikiMessage {
  text(): string
  exists(): boolean
}

declare const mw: {
  readonly config: { get(name: string): unknown }
  readonly user: { readonly tokens: { get(name: 'csrfToken'): string } }
  readonly util: { wikiScript(name: 'rest' | 'api'): string }
  message(key: string, ...parameters: readonly (string | number)[]): MediaWikiMessage
}
