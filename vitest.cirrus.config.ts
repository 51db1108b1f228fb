/** `npm run test:cirrus`: against a real OpenSearch, with extensions that are brought by hand. Not a part of `npm test`. */
import { defineConfig, mergeConfig } from 'vitest/config'
import ordinary from './vitest.config.ts'

const { include: _, ...test } = ordinary.test ?? {}
export default defineConfig(
  mergeConfig({ ...ordinary, test }, { test: { include: ['e2e/cirrus/*.test.ts'] } }),
)
