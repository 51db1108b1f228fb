export { createWorker, type WorkerOptions } from './create-worker.ts'
export { startHousekeeping, type Housekeeping, type HousekeepingOptions } from './housekeeping.ts'
export { workflowBundle } from './workflow-bundle.ts'
