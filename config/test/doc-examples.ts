/** The examples of the documentation in which settings stand: blocks of YAML, command lines and environments, and code in sentences. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { settings } from '../src/settings/settings.ts'

export interface DocExample {
  /** As people find it: `docs/sign-in.md:17`. */
  readonly at: string
  readonly language: string
  readonly text: string
}

const root = join(import.meta.dirname, '../..')

/** README.md of the whole and of each package, and all of `docs/`. */
function pages(): readonly string[] {
  const packages = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => join(root, name))
  const readmes = [root, ...packages].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name === 'README.md')
      .map((name) => join(folder, name)),
  )
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  return [...readmes, ...docs.filter((name) => name.endsWith('.md')).map((name) => join(root, 'docs', name))]
}

/** Every block between fences, without the indentation of its fence. */
export function docBlocks(): readonly DocExample[] {
  return pages().flatMap((page) => {
    const blocks: DocExample[] = []
    const fence = /^( *)```(\w*)\n([^]*?)^ *```$/gm
    const text = readFileSync(page, 'utf8')
    for (const { 1: indent = '', 2: language = '', 3: content = '', index } of text.matchAll(fence)) {
      const line = text.slice(0, index).split('\n').length
      const lines = content.split('\n').map((each) => each.slice(indent.length))
      blocks.push({ at: `${relative(root, page)}:${String(line)}`, language, text: lines.join('\n') })
    }
    return blocks
  })
}

/** `name: value` as code in a sentence, where the name is a setting's. */
export function docSentences(): readonly DocExample[] {
  return pages().flatMap((page) =>
    readFileSync(page, 'utf8')
      .split('\n')
      .flatMap((line, at) =>
        [...line.matchAll(/`(?<name>[a-z][a-z0-9-]*): (?<value>[^`]+)`/g)]
          .filter(({ groups }) => settings.some(({ name }) => name === groups?.['name']))
          .map(({ groups: { name = '', value = '' } = {} }) => ({
            at: `${relative(root, page)}:${String(at + 1)}`,
            language: 'yaml',
            text: `${name}: ${value}\n`,
          })),
      ),
  )
}
