export { createApi } from './create-api.ts'
export { makeLocalLink } from './sign-in/local-link.ts'
export type { ApiDeps, ProviderSettings, FedWikiRules, MediaWikiRules, HealthPart } from './deps.ts'
export type { ServiceTrust } from './service-token.ts'
