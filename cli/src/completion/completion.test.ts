/** The scripts of shells that are here are asked in those shells; the others are held against the program. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { buildProgram } from '../program.ts'
import { bashCompletion } from './bash.ts'
import { fishCompletion } from './fish.ts'
import { places } from './words.ts'
import { zshCompletion } from './zsh.ts'

const program = buildProgram({})

async function completed(...line: readonly string[]): Promise<string[]> {
  const ask = `${bashCompletion(program)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wikistead; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = await promisify(execFile)('bash', ['-c', ask, 'bash', 'wikistead', ...line])
  return stdout.split('\n').filter((word) => word !== '')
}

describe('in bash', () => {
  test('commands, those below them, and flags', async () => {
    expect(await completed('own')).toEqual(['owner-link'])
    expect(await completed('audit', '')).toEqual(expect.arrayContaining(['verify', 'export']))
    expect(await completed('audit', 'verify', '--anch')).toEqual(['--anchor'])
    expect(await completed('list', '--data-folder', '/x y', '--mi')).toEqual(['--mine'])
    // Words that are no commands do not lead astray.
    expect(await completed('show', 'list', '--mi')).toEqual([])
  })

  test('what a flag may be', async () => {
    expect(await completed('list', '--engine', '')).toEqual(['mediawiki', 'fedwiki'])
    expect(await completed('list', '--status', 'arch')).toEqual(['archived'])
  })

  test('no flag that takes a secret, and nothing for a word that is none', async () => {
    expect(await completed('list', '--token')).toEqual(['--token-file'])
    expect(await completed('no-such', 'x')).toEqual([])
  })
})

const shells = [
  ['zsh', zshCompletion, ['-n']],
  ['fish', fishCompletion, ['--no-execute']],
] as const

describe.each(shells)('in %s', (shell, script, parse) => {
  test('every place has its words', () => {
    const text = script(program)
    for (const { path, words } of places(program)) {
      expect(text).toContain(`'${path.join(' ')}'`)
      expect(text).toContain(words.join(' '))
    }
  })

  test.runIf(existsSync(`/usr/bin/${shell}`))('the shell reads it', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'wikistead-completion-')), 'script')
    await writeFile(file, script(program))
    await using _ = { [Symbol.asyncDispose]: () => rm(dirname(file), { recursive: true }) }
    expect((await promisify(execFile)(shell, [...parse, file])).stderr).toBe('')
  })
})
