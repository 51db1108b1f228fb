import { readFileSync } from 'node:fs'
import { SetupError } from '@wikistead/processes/setup-error'

/** What a file of certificates or keys holds, that a setting names. @throws SetupError when it is not PEM, or cannot be read */
export function readPem(setting: string, file: string): string
export function readPem(setting: string, file: string | undefined): string | undefined
export function readPem(setting: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new SetupError(`${setting}: ${file} cannot be read (${code}).`)
  }
  if (text.includes('-----BEGIN ')) return text
  throw new SetupError(
    `${setting}: ${file} is no PEM file, whose first line is like -----BEGIN CERTIFICATE-----.`,
  )
}

/** How a MariaDB is asked over TLS; undefined: in the open. */
export function mariadbTls(
  of: 'store' | 'wiki-db',
  on: boolean | undefined,
  file: string | undefined,
): { readonly ca: string | undefined } | undefined {
  return (on ?? file !== undefined) ? { ca: readPem(`${of}-ca-file`, file) } : undefined
}
