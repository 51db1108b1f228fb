import { v7 } from 'uuid'

/** A task's id, also its workflow's: a version 7 UUID, so that ids sort by the time they were made. */
export const newTaskId = (): string => v7()
