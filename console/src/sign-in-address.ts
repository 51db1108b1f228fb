import type { Router } from 'vue-router'

/** The sign-in page, and back to here from it. */
export function signInAddress(returnTo: string): string {
  return returnTo === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ return_to: returnTo }).toString()}`
}

/** Leads on to a page of this console, or to what the API has at that path: a site that waits for the sign-in. */
export function leadOn(router: Pick<Router, 'replace'>, path: string): void {
  if (path.startsWith('/openid/')) window.location.replace(path)
  else void router.replace(path)
}

/** Only a path of this console; whatever else stands in the address leads home. */
export function localPath(wanted: unknown): string {
  return typeof wanted === 'string' && /^\/(?![/\\])/.test(wanted) ? wanted : '/'
}
