/** `npm run docs`: writes docs/configuration.md, which a test holds against the schema. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { configurationPage } from './page/configuration-page.ts'

const page = new URL('../../docs/configuration.md', import.meta.url)
mkdirSync(new URL('.', page), { recursive: true })
writeFileSync(page, configurationPage())
