import { useFarmApi } from '@wikistead/components'
import type { ConsoleApi } from './console-api.ts'

/** The console provides more than the shared components ask for. */
export const useApi = (): ConsoleApi => useFarmApi() as ConsoleApi
