import { expect, test } from 'vitest'
import { judgeAdvisories, readReport, type Allowed } from './judge-advisories.ts'

const advisory = (id: string, severity: string, name = 'left') => ({
  ...{ name, title: 'A hole', severity, range: '<2.0.0' },
  url: `https://github.com/advisories/${id}`,
})
const reportOf = (...via: (string | ReturnType<typeof advisory>)[]) => ({
  vulnerabilities: { left: { via } },
})
const known: Allowed = { id: 'GHSA-1', package: 'left', reason: 'We never call it.', until: '2026-06-30' }

test('what weighs fails, the rest is told', () => {
  const report = reportOf(
    advisory('GHSA-1', 'high'),
    advisory('GHSA-2', 'critical'),
    advisory('GHSA-3', 'low'),
  )
  const { failing, told } = judgeAdvisories(report, [], '2026-06-01')
  expect(failing.map((line) => line.slice(-7, -1))).toEqual(['GHSA-1', 'GHSA-2'])
  expect(told).toEqual(['low: left <2.0.0: A hole (https://github.com/advisories/GHSA-3)'])
})

test('one is told once, however many packages have it by another', () => {
  const { vulnerabilities } = reportOf(advisory('GHSA-1', 'high'))
  const report = {
    vulnerabilities: { ...vulnerabilities, right: { via: ['left', advisory('GHSA-1', 'high')] } },
  }
  expect(judgeAdvisories(report, [], '2026-06-01').failing).toHaveLength(1)
})

test('what is allowed passes until its day is over, in its own package only', () => {
  const report = reportOf(advisory('GHSA-1', 'high'))
  const on = (day: string, by = known) => judgeAdvisories(report, [by], day)
  expect(on('2026-06-30')).toMatchObject({
    failing: [],
    told: [expect.stringContaining('We never call it.')],
  })
  expect(on('2026-07-01').failing).toEqual([expect.stringContaining('until 2026-06-30 only')])
  expect(on('2026-06-01', { ...known, package: 'right' }).failing).toHaveLength(1)
})

test('what is allowed and gone is told', () => {
  expect(judgeAdvisories(reportOf(), [known], '2026-06-01').told).toEqual([
    'GHSA-1 of left is allowed and no longer found: take it out',
  ])
})

test.each([
  '',
  'null',
  '<html>405</html>',
  '{"message":"405 Method Not Allowed"}',
  '{"error":{"code":"ENOAUDIT"}}',
  '{"vulnerabilities":',
])('no report is no clean bill: %j', (text) => {
  expect(readReport(text)).toBeUndefined()
})

test('a report without holes is one', () => {
  expect(readReport('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual({
    ...{ auditReportVersion: 2, vulnerabilities: {} },
  })
})
