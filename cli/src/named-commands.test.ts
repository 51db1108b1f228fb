/** Every command that a text of the product or of its documentation names is one that there is, with flags that it has. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { buildProgram } from './program.ts'

const root = join(import.meta.dirname, '../..')
const sources = [
  ...globSync(
    '{api,cli,config,contracts,fedwiki,mediawiki,mediawiki-template,processes,server,store,tasks,worker}/src/**/*.ts',
    {
      cwd: root,
    },
  ),
  ...globSync('{console,components,extension}/{i18n/*.json,src/**/*.{vue,php}}', { cwd: root }),
  ...globSync('{*,docs/*,extension/*}.md', { cwd: root }),
].filter((path) => !path.endsWith('.test.ts') && path !== 'CHANGELOG.md')

test('there is such a command, with such flags', () => {
  const program = buildProgram({})
  const wrong: string[] = []
  for (const path of sources) {
    const text = readFileSync(join(root, path), 'utf8').replaceAll('\\`', '`')
    for (const [, ticked, pasted] of text.matchAll(
      /`(?:npx )?wikistead ([^`\n]+)`|^(?:\$ )?(?:npx )?wikistead ([a-z][^\n#]*)/gm,
    )) {
      const why = whyNot(program, ticked ?? pasted ?? '')
      if (why !== undefined) wrong.push(`${path}: wikistead ${ticked ?? pasted ?? ''}: ${why}`)
    }
  }
  expect(wrong).toEqual([])
})

function whyNot(program: Command, written: string): string | undefined {
  const words = written.split(/[\s|;,]+/).filter((word) => word !== '')
  let command = program
  for (const word of words) {
    const next = command.commands.find((each) => each.name() === word)
    if (next === undefined) break
    command = next
  }
  // `wikistead COMMAND`, `wikistead …` stand for any; a comment of a database and what is signed are none.
  if (command === program)
    return /^(?:[A-Z]|…|\.|-|\$|task=|api\\n)/.test(written) ? undefined : 'no such command'
  const flags = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/[=.)].*$/, ''))
  const unknown = flags.find(
    (flag) => flag !== '--help' && !command.options.some(({ long }) => long === flag),
  )
  return unknown === undefined ? undefined : `it has no ${unknown}`
}
