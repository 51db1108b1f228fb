export { createApi } from './create-api.ts'
export type { ApiDeps, FedWikiRules, HealthPart } from './deps.ts'
