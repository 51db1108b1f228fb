/** `npm run docs`: writes docs/mediawiki-phases.md, which a test holds against the phases. */
import { writeFileSync } from 'node:fs'
import { phasePage } from './phases/phase-page.ts'

writeFileSync(new URL('../../docs/mediawiki-phases.md', import.meta.url), phasePage())
