/** Ends the run with one plain line that a machine can read: `N passed, N failed`. */
import type { Reporter, TestModule } from 'vitest/node'

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state in count) count[state as keyof typeof count]++
      }
      // A file that could not be loaded, or a hook that failed, is no test and is a failure all the same.
      count.failed += [module, ...module.children.allSuites()].filter(
        (part) => part.errors().length > 0,
      ).length
    }
    // After the other reporters' last words. A run that fails without a failed test (no file matched, the set-up
    // failed) must not read like a success.
    process.once('exit', (code) => {
      console.log(`${count.passed} passed, ${code === 0 ? count.failed : Math.max(count.failed, 1)} failed`)
    })
  }
}
