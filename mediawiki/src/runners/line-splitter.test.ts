import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { LineSplitter } from './line-splitter.ts'

function split(chunks: readonly Buffer[], redact = (line: string) => line) {
  const lines: (readonly [string, number])[] = []
  const splitter = new LineSplitter({ from: 0, redact, onLine: (...line) => void lines.push(line) })
  for (const chunk of chunks) splitter.push(chunk)
  splitter.end()
  return lines
}

test('lines are the same wherever their bytes are cut', () => {
  const text = 'one\n\nzwölf 🦉 Eulen\r\nlast ✂'
  const bytes = Buffer.from(text)
  const whole = [
    ['one', 4],
    ['', 5],
    ['zwölf 🦉 Eulen', 24],
    ['last ✂', 32],
  ]
  expect(split([bytes])).toEqual(whole)
  for (let run = 0; run < 200; run++) {
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length;) {
      const length = randomInt(1, 6)
      chunks.push(bytes.subarray(at, at + length))
      at += length
    }
    expect(split(chunks)).toEqual(whole)
  }
})

test('any bytes give valid text without control characters', () => {
  for (let run = 0; run < 200; run++) {
    const bytes = Buffer.from(Array.from({ length: 500 }, () => randomInt(256)))
    for (const [line] of split([bytes])) {
      expect(line.isWellFormed()).toBe(true)
      expect(line).not.toMatch(/[^\P{Cc}\t]/u)
    }
  }
})

test('a long line is cut, also within a pair of surrogates, and its end is where it truly ended', () => {
  const [line, end] = split([Buffer.from(`${'x'.repeat(3999)}🦉${'y'.repeat(100_000)}\n`)])[0] ?? ['', 0]
  expect(line).toBe(`${'x'.repeat(3999)}� … (cut)`)
  expect(end).toBe(3999 + 4 + 100_000 + 1)
})

test('a reader may use its buffer again', () => {
  const lines: string[] = []
  const splitter = new LineSplitter({
    from: 0,
    redact: (line) => line,
    onLine: (line) => void lines.push(line),
  })
  const buffer = Buffer.from('abc')
  splitter.push(buffer)
  buffer.write('xyz')
  splitter.push(Buffer.from('\n'))
  expect(lines).toEqual(['abc'])
})
