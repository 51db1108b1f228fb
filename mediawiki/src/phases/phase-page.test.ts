import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { creationPhases, phasePage } from './phase-page.ts'

test('docs/mediawiki-phases.md says what the phases say', () => {
  const page = readFileSync(new URL('../../../docs/mediawiki-phases.md', import.meta.url), 'utf8')
  expect(page === phasePage(), 'docs/mediawiki-phases.md is stale: run `npm run docs`').toBe(true)
})

test('every phase that an activity of a creation tells of has a row', () => {
  const files = [
    'copy-template',
    'render-ini',
    'provision-database',
    'make-keys',
    'install-wiki',
    'flip-bootstrap',
    'index-wiki',
  ]
  const told = files.flatMap((file) =>
    [...readFileSync(new URL(`${file}.ts`, import.meta.url), 'utf8').matchAll(/\brun, phase: '(\w+)'/g)].map(
      ([, phase]) => phase,
    ),
  )
  expect(told.sort()).toEqual(Object.keys(creationPhases).sort())
})
