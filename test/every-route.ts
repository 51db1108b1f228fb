/** Methods and whole paths in Fastify's own drawing of its routes: `printRoutes({ commonPrefix: false })`. */
export function everyRoute(tree: string): string[] {
  const path: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│├└─ ]*)(\S*) \((.*)\)$/.exec(line) ?? []
    if (methods === '') return []
    path.splice(indent.length / 4 - 1, Infinity, part)
    return methods
      .split(', ')
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${path.join('')}`)
  })
}
