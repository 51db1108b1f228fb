/** The sign-in page, and back to here from it. */
export function signInAddress(returnTo: string): string {
  return returnTo === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ return_to: returnTo }).toString()}`
}

/** Only a path of this console; whatever else stands in the address leads home. */
export function localPath(wanted: unknown): string {
  return typeof wanted === 'string' && /^\/(?![/\\])/.test(wanted) ? wanted : '/'
}
