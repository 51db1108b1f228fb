/**
 * The farm loads the plugins that `wiki/package.json` lists. Here nothing is called `wiki`: the list is this workspace's
 * own, and the farm's processes are started with this file as an `--import`.
 */
import { registerHooks } from 'node:module'

const ourPackage = new URL('../package.json', import.meta.url).href

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier !== 'wiki/package.json') return nextResolve(specifier, context)
    return { url: ourPackage, format: 'json', importAttributes: { type: 'json' }, shortCircuit: true }
  },
})
