/** `ENOENT` and the like; never the text, which may be another's. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'no reason given'
}
