/** Part of `npm run docs`: writes docs/cli.md, which a test holds against the program. */
import { writeFileSync } from 'node:fs'
import { commandPage } from './command-page.ts'

writeFileSync(new URL('../../docs/cli.md', import.meta.url), commandPage())
