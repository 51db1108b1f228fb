/**
 * Import it first in a test that runs a Temporal worker in its own process, and the SDK logs warnings only. It is no
 * set-up file of all tests: loading `@temporalio/worker` takes 0.4 s.
 */
import { DefaultLogger, Runtime } from '@temporalio/worker'

Runtime.install({ logger: new DefaultLogger('WARN') })
