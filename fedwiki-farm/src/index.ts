export { createOwnerLink } from 'wiki-security-wikistead/owner-link'
export type { SignIn, WikiDomain } from './farm-config.ts'
export { startFarm, type Farm, type FarmOptions } from './farm-process.ts'
export { startGuard, type Guard, type GuardOptions } from './guard.ts'
