/** Part of `npm run docs`: writes docs/permissions.md, which a test holds against the table. */
import { writeFileSync } from 'node:fs'
import { permissionPage } from './access/permission-page.ts'

writeFileSync(new URL('../../docs/permissions.md', import.meta.url), permissionPage())
