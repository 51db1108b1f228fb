export { createWorker, type WorkerOptions } from './create-worker.ts'
export { startHousekeeping, type Housekeeping } from './housekeeping.ts'
export { makeWorkflowBundle } from './workflow-bundle.ts'
