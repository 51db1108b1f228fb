/** What PHP says of the page: whose it is, what they may, and what a new wiki can be. See SpecialWikiFarm.php. */
export interface PageData {
  /** null for whoever is not signed in. */
  readonly user: string | null
  readonly mayCreate: boolean
  readonly rootHost: string
  readonly languages: readonly { readonly code: string; readonly name: string }[]
  readonly language: string
  readonly pageSize: number
  readonly signInUrl: string
  readonly signUpUrl: string
}

export const pageData = (): PageData => mw.config.get('wgWikiFarm') as PageData
