import { expect, test } from 'vitest'
import { localPath } from './local-path.ts'

test.each(['/', '/wikis', '/wikis/12?tab=facts#top', '/a/../b', '/@evil', '/%2F%2Fevil', '/ü'])(
  '%s is a path of ours',
  (path) => {
    expect(localPath(path)).toBe(new URL(path, 'http://x').href.slice('http://x'.length))
  },
)

test.each([
  ...['', 'wikis', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/x\\..\\..'],
  ...['https://evil.example/', 'javascript:alert(1)', '/\t/evil.example', '/\n/evil.example', ' /x', '/\0'],
  ...['/..//evil.example', '/./\\evil.example', '/.//evil.example', `/${'x'.repeat(2_000)}`],
])('%j is none', (path) => {
  expect(() => localPath(path)).toThrow(expect.objectContaining({ code: 'invalid_request' }) as Error)
})
