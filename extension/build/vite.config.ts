import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const extension = join(import.meta.dirname, '..')

export default defineConfig({
  root: extension,
  plugins: [vue()],
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    // What ResourceLoader of MediaWiki 1.43 takes.
    target: 'es2016',
    // ResourceLoader does that itself.
    minify: false,
    cssCodeSplit: false,
    lib: {
      entry: join(extension, 'resources/src/main.ts'),
      formats: ['cjs'],
      fileName: () => 'wikifarm.js',
      cssFileName: 'wikifarm',
    },
    rolldownOptions: {
      // MediaWiki's own: `vue` is one of its modules, and the components named in extension.json come as codex.js.
      external: ['vue', '@wikimedia/codex'],
      output: { paths: { '@wikimedia/codex': './codex.js' }, exports: 'named' },
    },
  },
})
