/** Keys that are made of a word of the contracts. MediaWiki takes an underscore in a key for a space. */
const keyOf = (kind: string) => (word: string) => `wikifarm-${kind}-${word.replace(/_/g, '-')}`

export const phaseKey = keyOf('phase')
export const refusalKey = keyOf('error')
export const wikiStatusKey = keyOf('status')
export const servingKey = keyOf('serving')
export const taskKindKey = keyOf('task')
export const nameStateKey = keyOf('name')
