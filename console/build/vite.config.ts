import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  plugins: [vue()],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  // For work on the console: `wikistead start` beside `npx vite -c console/build/vite.config.ts`.
  server: {
    port: 8450,
    proxy: Object.fromEntries(
      ['/v1', '/auth', '/reference', '/openapi.json', '/readyz'].map((path) => [
        path,
        'http://127.0.0.1:8410',
      ]),
    ),
  },
})
