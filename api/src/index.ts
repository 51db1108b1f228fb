export { createApi } from './create-api.ts'
export type { ApiDeps, FedWikiRules, MediaWikiRules, HealthPart } from './deps.ts'
