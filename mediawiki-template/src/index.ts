export { buildTemplate, type BuiltTemplate, type TemplateOptions } from './build-template.ts'
export { checkTemplate, type TemplateCheck } from './check-template.ts'
export type { TemplateProblem } from './template-files.ts'
export {
  mediaWikiVersion,
  obtainMediaWikiTree,
  type MediaWikiTree,
  type MediaWikiTreeSearch,
} from './mediawiki-tree.ts'
export { serveMediaWiki, type Front, type FrontOptions } from './serve-mediawiki.ts'
export type { WikiStatus } from './status-page.ts'
export type { FarmKeys } from './template-ini.ts'
