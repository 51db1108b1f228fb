// What this package uses of wiki-server, Express and wiki-security-passportjs, none of which ships types.

export interface Argv {
  /** The site's folder; its name is the site's domain. */
  data: string
  /** The path of the site's owner.json. */
  id: string
  farm?: boolean
  /** Where the farm listens. */
  host?: string
  port: number
  url: string
  cookieSecret: string
  secure_cookie?: boolean
  security_useHttps?: boolean
  /** The one of `wikiDomains` that the site is in. */
  wiki_domain?: string
  wikistead?: unknown
  oauth2_clientID?: string
  oauth2_TokenURL?: string
  oauth2_UserInfoURL?: string
  github_clientID?: string
  google_clientID?: string
  oauth2_IdField?: string
  wikiDomains?: Record<string, { oauth2_IdField?: string }>
}

/** A signed-in visitor, under the name of the provider that vouches for them. */
export type User = Record<string, { id?: unknown; username?: string; displayName?: string }>

export interface Request {
  method: string
  url: string
  /** Before a header overrode it. */
  originalMethod?: string
  headers: Record<string, string | undefined>
  params: Record<string, string>
  query: Record<string, unknown>
  body: unknown
  cookies: Record<string, unknown>
  session: { passport?: { user?: User } }
  is(type: string): string | false
  /** Passport's. */
  logIn(user: User, done: (error?: unknown) => void): void
}

export interface Response {
  status(code: number): Response
  json(body: unknown): void
  send(body: string): void
  set(name: string, value: string): Response
  type(type: string): Response
  redirect(status: number, url: string): void
  setHeader(name: string, value: string | number | readonly string[]): unknown
  cookie(name: string, value: string, options: CookieOptions): void
  sendFile(name: string, options: { root: string; maxAge: string }, done: (error?: unknown) => void): void
}

export interface CookieOptions {
  httpOnly: boolean
  sameSite: 'lax'
  path: string
  secure: boolean
  /** In milliseconds. */
  maxAge: number
}

export type Next = (error?: unknown) => void
export type Handler = (req: Request, res: Response, next: Next) => void | Promise<void>

export interface App {
  use(handler: Handler): void
  use(path: string, handler: Handler): void
  get(path: string, handler: Handler): void
  put(path: string | RegExp, handler: Handler): void
  delete(path: string, handler: Handler): void
}

export type UpdateOwner = (name: string) => void

/** What wiki-server asks of a security package. */
export interface SecurityHandler {
  retrieveOwner(done: (error?: unknown) => void): void
  getOwner(): string
  getUser(req: Request): User | ''
  isAuthorized(req: Request): boolean
  isAdmin(req: Request): boolean
  defineRoutes(app: App, cors: Handler, updateOwner: UpdateOwner): void
}

export type Log = (...words: unknown[]) => void
export type Security = (log: Log, loga: Log, argv: Argv) => SecurityHandler
