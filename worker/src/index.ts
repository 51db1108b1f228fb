export { createHostWorker, type HostWorkerOptions } from './create-host-worker.ts'
export { createWorker, type WorkerOptions } from './create-worker.ts'
export { startHousekeeping, type Housekeeping, type HousekeepingOptions } from './housekeeping.ts'
export { workflowBundle } from './workflow-bundle.ts'
