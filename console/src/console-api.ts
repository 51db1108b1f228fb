/** What the member's pages ask of the API, and what the shared components do. */
import type { FarmApi, NameOptions, WikiQuery } from '@wikistead/components'
import type {
  AskForLink,
  BeginToJoin,
  ChangeWiki,
  CreateToken,
  Engine,
  FirstSignIn,
  HubLink,
  IdentityNeeds,
  InvitedToRead,
  MyAccount,
  Name,
  NewReadInvitation,
  NewRecoveryCodes,
  NewSecondFactor,
  NewToken,
  NewTransfer,
  PasskeyOptions,
  QuotaList,
  SeenInvitation,
  SendCode,
  SignedIn,
  SignInAnswer,
  Task,
  TaskAccepted,
  Token,
  Transfer,
  WantedWiki,
  Wiki,
  WikiAccounts,
  WikiList,
  WikiReader,
  WikiReaders,
} from '@wikistead/contracts'
import type { Http, Method } from './http.ts'

interface PasswordSignIn {
  readonly name: string
  readonly password: string
  readonly fresh: boolean
}

/** As the browser gives it. */
interface PasskeySignIn {
  readonly response: unknown
  readonly fresh: boolean
}

interface NewPasskey {
  readonly response: unknown
  readonly label: string
}

interface WantedAccount extends BeginToJoin {
  readonly password?: string
  readonly passkey?: NewPasskey
}

/** Nobody waits for the end of a task within a request: its page does. */
const async = { prefer: 'respond-async' }

export class ConsoleApi implements FarmApi {
  readonly #http: Http

  constructor(http: Http) {
    this.#http = http
  }

  listWikis = ({ which, cursor, limit }: WikiQuery): Promise<WikiList> =>
    which === 'mine'
      ? this.#http.json('GET', '/v1/users/me/wikis', { query: { cursor, limit } })
      : this.#http.json('GET', '/v1/wikis', { query: { featured: 1, cursor, limit } })

  createWiki = (wanted: WantedWiki, idempotencyKey: string): Promise<TaskAccepted> =>
    this.#task('POST', '/v1/wikis', wanted, { 'idempotency-key': idempotencyKey })

  async taskEvents(taskId: string, after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#http.send('GET', `/v1/tasks/${encodeURIComponent(taskId)}/events`, {
      headers: { accept: 'text/event-stream', ...(after > 0 && { 'last-event-id': String(after) }) },
      signal,
    })
    return body ?? new ReadableStream()
  }

  getWiki = (wikiId: number): Promise<Wiki> => this.#http.json('GET', `/v1/wikis/${wikiId}`)

  nameState = (engine: Engine, name: string, { customDomain, signal }: NameOptions): Promise<Name> =>
    this.#http.json('GET', `/v1/names/${engine}/${encodeURIComponent(name)}`, {
      query: { custom_domain: customDomain === true ? 1 : undefined },
      signal,
    })

  getTask = (taskId: string): Promise<Task> =>
    this.#http.json('GET', `/v1/tasks/${encodeURIComponent(taskId)}`)
  retryTask = (taskId: string): Promise<TaskAccepted> =>
    this.#http.json('POST', `/v1/tasks/${encodeURIComponent(taskId)}/retry`)
  cancelTask = (taskId: string): Promise<TaskAccepted> =>
    this.#http.json('POST', `/v1/tasks/${encodeURIComponent(taskId)}/cancel`)
  tasksOf = (wikiId: number): Promise<{ readonly tasks: readonly Task[] }> =>
    this.#http.json('GET', '/v1/tasks', { query: { wiki: wikiId, limit: 20 } })

  /** The wiki, where that was all; else the task that does it. */
  changeWiki = (wikiId: number, change: ChangeWiki): Promise<Wiki | TaskAccepted> =>
    this.#task('PATCH', `/v1/wikis/${wikiId}`, change)
  deleteWiki = (wikiId: number): Promise<Wiki | TaskAccepted> => this.#task('DELETE', `/v1/wikis/${wikiId}`)
  restoreWiki = (wikiId: number): Promise<Wiki | TaskAccepted> =>
    this.#task('POST', `/v1/wikis/${wikiId}/restore`)
  firstSignIn = (wikiId: number): Promise<FirstSignIn> =>
    this.#http.json('POST', `/v1/wikis/${wikiId}/first-sign-in`)

  readersOf = (wikiId: number, q?: string): Promise<WikiReaders> =>
    this.#http.json('GET', `/v1/wikis/${wikiId}/readers`, { query: { q } })
  accountsFor = (wikiId: number, q: string): Promise<WikiAccounts> =>
    this.#http.json('GET', `/v1/wikis/${wikiId}/accounts`, { query: { q } })
  addReader = (wikiId: number, account: number): Promise<WikiReader> =>
    this.#http.json('POST', `/v1/wikis/${wikiId}/readers`, { body: { account } })
  removeReader = (wikiId: number, account: number): Promise<unknown> =>
    this.#http.json('DELETE', `/v1/wikis/${wikiId}/readers/${account}`)
  inviteToRead = (wikiId: number): Promise<NewReadInvitation> =>
    this.#http.json('POST', `/v1/wikis/${wikiId}/read-invitations`)
  withdrawInvitationToRead = (wikiId: number, id: string): Promise<unknown> =>
    this.#http.json('DELETE', `/v1/wikis/${wikiId}/read-invitations/${encodeURIComponent(id)}`)
  getInvitationToRead = (secret: string): Promise<InvitedToRead> =>
    this.#http.json('GET', `/v1/read-invitations/${encodeURIComponent(secret)}`)
  acceptInvitationToRead = (secret: string): Promise<WikiReader> =>
    this.#http.json('POST', `/v1/read-invitations/${encodeURIComponent(secret)}/accept`)

  offerWiki = (wikiId: number): Promise<NewTransfer> =>
    this.#http.json('POST', `/v1/wikis/${wikiId}/transfer`)
  withdrawOffer = (wikiId: number): Promise<unknown> =>
    this.#http.json('DELETE', `/v1/wikis/${wikiId}/transfer`)
  myTransfers = (): Promise<{ readonly transfers: readonly Transfer[] }> =>
    this.#http.json('GET', '/v1/users/me/transfers')
  getTransfer = (secret: string): Promise<Transfer> =>
    this.#http.json('GET', `/v1/transfers/${encodeURIComponent(secret)}`)
  acceptTransfer = (secret: string): Promise<TaskAccepted> =>
    this.#task('POST', `/v1/transfers/${encodeURIComponent(secret)}/accept`)
  declineTransfer = (secret: string): Promise<unknown> =>
    this.#http.json('POST', `/v1/transfers/${encodeURIComponent(secret)}/decline`)

  getHubLink = (secret: string): Promise<HubLink> =>
    this.#http.json('GET', `/v1/hub-links/${encodeURIComponent(secret)}`)
  confirmHubLink = (secret: string): Promise<HubLink> =>
    this.#http.json('POST', `/v1/hub-links/${encodeURIComponent(secret)}/accept`)

  signInByPassword = (wanted: PasswordSignIn): Promise<SignInAnswer> =>
    this.#http.json('POST', '/auth/password', { body: wanted })
  seeInvitation = (secret: string): Promise<SeenInvitation> =>
    this.#http.json('POST', '/auth/join/see', { body: { secret } })
  sendCode = (wanted: SendCode): Promise<SignInAnswer> =>
    this.#http.json('POST', '/auth/second-factor', { body: wanted })
  lostPassword = (wanted: AskForLink): Promise<unknown> =>
    this.#http.send('POST', '/auth/lost-password', { body: wanted })
  askToJoin = (wanted: AskForLink): Promise<unknown> =>
    this.#http.send('POST', '/auth/sign-up', { body: wanted })
  passkeyOptions = (): Promise<PasskeyOptions> => this.#http.json('POST', '/auth/passkey/options')
  signInByPasskey = (wanted: PasskeySignIn): Promise<SignInAnswer> =>
    this.#http.json('POST', '/auth/passkey', { body: wanted })
  joinPasskeyOptions = (wanted: BeginToJoin): Promise<PasskeyOptions> =>
    this.#http.json('POST', '/auth/join/passkey-options', { body: wanted })
  join = (wanted: WantedAccount): Promise<SignInAnswer> =>
    this.#http.json('POST', '/auth/join', { body: wanted })
  myAccount = (): Promise<MyAccount> => this.#http.json('GET', '/v1/account')
  setPassword = (wanted: { readonly name?: string; readonly password: string }): Promise<MyAccount> =>
    this.#http.json('PUT', '/v1/account/password', { body: wanted })
  newPasskeyOptions = (): Promise<PasskeyOptions> => this.#http.json('POST', '/v1/account/passkeys/options')
  makePasskey = (wanted: NewPasskey): Promise<MyAccount> =>
    this.#http.json('POST', '/v1/account/passkeys', { body: wanted })
  removePasskey = (id: string): Promise<MyAccount> =>
    this.#http.json('DELETE', `/v1/account/passkeys/${encodeURIComponent(id)}`)
  beginSecondFactor = (): Promise<NewSecondFactor> => this.#http.json('POST', '/v1/account/second-factor')
  confirmSecondFactor = (code: string): Promise<NewRecoveryCodes> =>
    this.#http.json('PUT', '/v1/account/second-factor', { body: { code } })
  endSecondFactor = (): Promise<MyAccount> => this.#http.json('DELETE', '/v1/account/second-factor')
  newRecoveryCodes = (): Promise<NewRecoveryCodes> => this.#http.json('POST', '/v1/account/recovery-codes')

  identityNeeds = (): Promise<IdentityNeeds> => this.#http.json('GET', '/v1/users/me/identity-needs')
  myQuotas = (): Promise<QuotaList> => this.#http.json('GET', '/v1/users/me/quotas')
  mySessions = (): Promise<{ readonly sessions: readonly SignedIn[] }> =>
    this.#http.json('GET', '/v1/sessions')
  endSession = (id: string): Promise<unknown> =>
    this.#http.json('DELETE', `/v1/sessions/${encodeURIComponent(id)}`)
  myTokens = (): Promise<{ readonly tokens: readonly Token[] }> => this.#http.json('GET', '/v1/tokens')
  makeToken = (wanted: CreateToken): Promise<NewToken> =>
    this.#http.json('POST', '/v1/tokens', { body: wanted })
  endToken = (id: string): Promise<unknown> =>
    this.#http.json('DELETE', `/v1/tokens/${encodeURIComponent(id)}`)
  signOut = (): Promise<{ readonly redirect: string | null }> => this.#http.json('POST', '/auth/sign-out')

  #task<T>(
    method: Method,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<T> {
    return this.#http.json(method, path, {
      headers: { ...async, ...headers },
      ...(body !== undefined && { body }),
    })
  }
}
