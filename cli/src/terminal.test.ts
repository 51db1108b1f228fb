import stringWidth from 'string-width'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aCreation, startClientStack, type ClientStack } from '../test/client-stack.ts'
import { startCli, type CliOptions } from '../test/run-cli.ts'

const escape = '\u001b'

let on: ClientStack

beforeAll(async () => {
  on = await startClientStack()
})
afterAll(() => on[Symbol.asyncDispose]())

describe('on a terminal', () => {
  test('a creation is one line that is redrawn, with a bar', async () => {
    using held = on.gate.hold(aCreation)
    await using creating = startCli(['create', 'gil'], { ...on.asAdmin(), terminal: true })
    await held.arrived
    await expect.poll(() => creating.stdout).toMatch(/█+░+ +\d+ %/)
    held.release()
    expect(await creating.ended).toBe(0)
    expect(creating.stdout).toContain('gil.wiki.localhost is ready: http://gil.wiki.localhost')
    expect(creating.stdout).not.toMatch(/^ +\d+ % /m)
  })

  test.each([0, 1, 19])('that has %i columns, a creation is plain lines, each once', async (columns) => {
    const name = `narrow-${String(columns)}`
    await using creating = startCli(['create', name], { ...on.asAdmin(), terminal: columns })
    expect(await creating.ended).toBe(0)
    const lines = creating.stdout
      .replace(/^<[^>]*>/, '')
      .trimEnd()
      .split('\r\n')
    expect(lines[0]).toBe(`  0 %  Creating ${name}.wiki.localhost.`)
    expect(lines.at(-1)).toBe(`${name}.wiki.localhost is ready: http://${name}.wiki.localhost`)
    expect(new Set(lines).size).toBe(lines.length)
    expect(creating.stdout).not.toContain(escape)
  })

  test('that has 20 columns, no row is longer than it', async () => {
    using held = on.gate.hold(aCreation)
    await using creating = startCli(['create', 'twenty'], { ...on.asAdmin(), terminal: 20 })
    await held.arrived
    await expect.poll(() => rows(creating.stdout).at(-1)).toMatch(/^[|/\\-] +\d+ % .*…$/)
    held.release()
    expect(await creating.ended).toBe(0)
    const drawn = rows(creating.stdout).filter((row) => /^[|/\\-] /.test(row))
    expect(Math.max(...drawn.map((row) => stringWidth(row)))).toBe(19)
  })

  test('whose size changes under it, each row fits the new one', async () => {
    using held = on.gate.hold(aCreation)
    await using creating = startCli(['create', 'resized'], { ...on.asAdmin(), terminal: true })
    await held.arrived
    await expect.poll(() => rows(creating.stdout).at(-1)).toMatch(/█/)
    for (const [columns, longest] of [
      [20, 19],
      [1, 0],
      [0, 0],
      [40, 39],
      [2, 1],
      [100, 99],
    ] as const) {
      await creating.resize(columns)
      const seen = creating.stdout.length
      await expect.poll(() => rows(creating.stdout.slice(seen)).length).toBeGreaterThan(2)
      // The first may still be of the old size.
      const [, ...after] = rows(creating.stdout.slice(seen))
      expect(Math.max(...after.map((row) => stringWidth(row)))).toBeLessThanOrEqual(longest)
    }
    held.release()
    expect(await creating.ended).toBe(0)
    expect(creating.stdout).toContain('resized.wiki.localhost is ready: http://resized.wiki.localhost')
  })

  test('a deletion is confirmed by typing the name, and NO_COLOR is respected', async () => {
    const { env = {} } = on.asAdmin()
    const onTerminal: CliOptions = { env: { ...env, NO_COLOR: '1' }, terminal: true }
    await on.cli('create', 'hal')
    await using wrong = startCli(['delete', 'hal'], onTerminal)
    await expect.poll(() => wrong.stdout).toContain('Type its name to go on:')
    wrong.type('yes\n')
    expect(await wrong.ended).toBe(2)
    expect(wrong.stdout).toContain('hal.wiki.localhost was not deleted.')

    await using left = startCli(['delete', 'hal'], onTerminal)
    await expect.poll(() => left.stdout).toContain('Type its name to go on:')
    left.type('\u0003')
    expect(await left.ended).toBe(2)
    expect((await on.json('show', 'hal')).last).toMatchObject({ wiki: { status: 'active' } })

    await using right = startCli(['delete', 'hal'], onTerminal)
    await expect.poll(() => right.stdout).toContain('Type its name to go on:')
    right.type('hal\n')
    expect(await right.ended).toBe(0)
    expect(right.stdout).toContain('hal.wiki.localhost is deleted.')
    // eslint-disable-next-line no-control-regex
    expect(right.stdout).not.toMatch(/\u001b\[3\d/)
  })
})

/** What was drawn, redrawing by redrawing. */
const rows = (stdout: string): string[] =>
  [...stdout.matchAll(new RegExp(`\\r${escape}\\[K([^\\r\\n${escape}]*)`, 'g'))].map(([, row = '']) => row)
