/** What the HTTP API answers. */
export * from './people.ts'
export * from './wikis.ts'
export * from './tasks.ts'
export * from './audit.ts'
export * from './farm.ts'
export * from './problem.ts'
