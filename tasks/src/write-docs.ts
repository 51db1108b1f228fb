/** `npm run docs`: writes docs/tasks.md, which a test holds against the table of operations. */
import { writeFileSync } from 'node:fs'
import { operationsPage } from './operations-page.ts'

writeFileSync(new URL('../../docs/tasks.md', import.meta.url), operationsPage())
