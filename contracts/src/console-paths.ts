/**
 * The pages of the console, as the API serves them and the console routes them: first segments of their paths. All
 * that follows one of them is the console's as well. Zod-free, so that the console need not carry zod.
 */
export const consolePages = [
  'sign-in',
  'join',
  'create',
  'wikis',
  'tasks',
  'transfers',
  'read',
  'account',
  'operate',
] as const
