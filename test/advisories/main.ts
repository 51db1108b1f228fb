/** `npm run advisories` asks the registry which holes our dependencies are known to have. */
import { spawnSync } from 'node:child_process'
import { allowed } from './allowed.ts'
import { judgeAdvisories, readReport } from './judge-advisories.ts'

const flags = ['--json', '--fetch-retries=0', '--fetch-timeout=30000', '--loglevel=silent']
const { stdout } = spawnSync('npm', ['audit', ...flags], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
const report = readReport(stdout)
if (report === undefined) {
  console.error(
    [
      '!! ADVISORIES NOT CHECKED: the registry gives none, or did not answer.',
      '!! Nobody has looked for known holes of our dependencies. Run `npm run advisories` where a registry has them.',
    ].join('\n'),
  )
} else {
  const { failing, told } = judgeAdvisories(report, allowed, new Date().toISOString().slice(0, 10))
  for (const line of told) console.error(`advisory, ${line}`)
  for (const line of failing) console.error(`ADVISORY, ${line}`)
  if (failing.length > 0) {
    console.error('Renew these packages, or say in test/advisories/allowed.ts why they do not reach us.')
    process.exitCode = 1
  }
}
