import { expect, test } from 'vitest'
import { pathInContainer } from './path-map.ts'
import { RunnerFault } from '../faults/runner-fault.ts'

const mappings = [
  { host: '/srv/wikis', container: '/var/www' },
  { host: '/srv/wikis/big/', container: '/mnt/big' },
]

test('a folder is found by its deepest mount', () => {
  expect(pathInContainer('/srv/wikis/ada', mappings)).toBe('/var/www/ada')
  expect(pathInContainer('/srv/wikis/big/ada', mappings)).toBe('/mnt/big/ada')
  expect(pathInContainer('/srv/wikis', mappings)).toBe('/var/www')
  expect(pathInContainer('/srv/wikis/..ada', mappings)).toBe('/var/www/..ada')
  expect(pathInContainer('/anything', [{ host: '/', container: '/host' }])).toBe('/host/anything')
})

test.each(['/srv/wikis2/ada', '/srv', '/srv/wikis/../other', 'srv/wikis/ada'])(
  'a folder that the container does not see is a fault: %s',
  (folder) => {
    expect(() => pathInContainer(folder, mappings)).toThrow(RunnerFault)
  },
)
