import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { runCli } from '../test/run-cli.ts'
import { buildProgram } from './program.ts'

/** Every command with the words that call it. */
function leaves(command: Command, words: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[words.join(' '), command]]
  return command.commands.flatMap((child) => leaves(child, [...words, child.name()]))
}

/** Prints the address of every module that is loaded. */
const tellModules = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module'
  registerHooks({ load(url, context, next) { process.stderr.write('module ' + url + '\\n'); return next(url, context) } })
`)}`

test.for(leaves(buildProgram({})))(
  '`%s --help` names every option, and loads nothing that only the command itself needs',
  async ([words, command]) => {
    const { code, stdout, stderr } = await runCli([...words.split(' '), '--help'], {
      env: { NODE_OPTIONS: `--import ${tellModules}` },
    })
    expect(code).toBe(0)
    for (const { long, description, hidden } of command.options) {
      // What is only there to be refused in words, such as a secret.
      if (hidden) continue
      expect(stdout).toContain(long)
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(description.slice(0, 30))
    }
    expect(stderr).toContain('/cli/src/program.ts')
    expect(stderr).not.toMatch(/\/node_modules\/(?:@temporalio|fastify|kysely|undici|pino)\//)
    expect(stderr).not.toMatch(/\/(?:store|api|worker|fedwiki)\/src\//)
  },
)

test('without a command the help is shown, and that is a mistake', async () => {
  const { code, stderr } = await runCli([])
  expect(code).toBe(2)
  expect(stderr).toContain('Usage: wikistead')
})

test.each([
  [['creat', 'ada'], "unknown command 'creat'"],
  [['create'], "missing required argument 'name'"],
  [['list', '--limit', 'many'], 'It is a whole number from 1.'],
  [['list', '--status', 'lost'], 'Allowed choices are creating, active'],
  [['sync', '--now', '--pause', 'why'], 'cannot be used with option'],
  [['serve-mediawiki', '--listen', '8430'], 'like 127.0.0.1:8430'],
  [['serve-mediawiki', '--listen', '[::1]:70000'], 'like 127.0.0.1:8430'],
  [['user', 'add', 'Ada'], "required option '--subject <sub>' not specified"],
])('a mistake in %j ends with 2, in words and as an object', async (args, told) => {
  const plain = await runCli(args)
  expect(plain).toMatchObject({ code: 2, stdout: '' })
  expect(plain.stderr).toContain(told)

  const json = await runCli([...args, '--json'])
  expect(json).toMatchObject({ code: 2, stdout: '', error: { event: 'error', exit_code: 2 } })
  expect(json.error['message']).toContain(told)
  expect(json.stderr.trim().split('\n')).toHaveLength(1)
})

test('--version says version and build', async () => {
  const { code, stdout } = await runCli(['--version'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^\d+\.\d+\.\d+ \([\da-f]{12}\), Node 24\.\d+\.\d+\n$/)
  expect((await runCli(['-V'])).stdout).toBe(stdout)
})
