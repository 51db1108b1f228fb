/** `npm run docs`: writes extension/sql/tables.sql, which a test holds against the migrations. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { extensionSql } from './extension-sql.ts'

const folder = new URL('../../extension/sql/', import.meta.url)
mkdirSync(folder, { recursive: true })
writeFileSync(new URL('tables.sql', folder), extensionSql())
