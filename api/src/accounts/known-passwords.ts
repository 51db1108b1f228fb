/** Passwords that people use, from lists of those that became known; read when the first is asked for. */
let lists: Promise<ReadonlySet<string>> | undefined

export const knownPasswords = (): Promise<ReadonlySet<string>> => (lists ??= read())

async function read(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common')
  return new Set(Object.values(dictionary).flat().map(String))
}
