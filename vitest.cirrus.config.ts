/** `npm run test:cirrus`: against a real OpenSearch, with extensions that are brought by hand. Not a part of `npm test`. */
import { defineConfig } from 'vitest/config'
import ordinary from './vitest.config.ts'

export default defineConfig({ ...ordinary, test: { ...ordinary.test, include: ['e2e/cirrus/*.test.ts'] } })
