/** Two kinds of errors: a refusal is final and the caller's business; all else is a fault. Zod-free. */

/** Refusal code → HTTP status. Codes are stable and never reused. */
export const refusals = {
  invalid_request: 400,
  invalid_domain: 400,
  unknown_language: 400,
  invalid_slug: 400,
  invalid_name: 400,
  unauthenticated: 401,
  forbidden: 403,
  quota_reached: 403,
  custom_domains_off: 403,
  wiki_not_found: 404,
  task_not_found: 404,
  user_not_found: 404,
  schedule_not_found: 404,
  alarm_not_found: 404,
  host_not_found: 404,
  sign_in_not_found: 404,
  name_taken: 409,
  name_reserved: 409,
  name_held: 409,
  busy: 409,
  not_restorable: 409,
  not_retryable: 409,
  not_cancellable: 409,
  domain_unproven: 409,
  identity_needed: 409,
  owner_change_unsupported: 409,
  sync_running: 409,
  nothing_to_confirm: 409,
  idempotency_mismatch: 422,
  engine_off: 503,
  /** Sign-in, sessions and what speaks for users. */
  blocked: 403,
  /** By an operator, against its owner's will. */
  wiki_suspended: 403,
  csrf_mismatch: 403,
  scope_missing: 403,
  /** One of the gravest acts, in a session whose user showed too long ago who they are. */
  fresh_sign_in_required: 403,
  sign_in_off: 503,
  sign_in_failed: 400,
  sign_in_unavailable: 503,
  /** Who should have signed in anew did not, or somebody else did. */
  sign_in_not_fresh: 400,
  signed_in_as_other: 409,
  /** The provider's word that a session has ended there: forged, too old, used before, or not for us. */
  logout_token_invalid: 400,
  link_expired: 410,
  /** Accounts of our own. */
  accounts_off: 503,
  account_not_found: 404,
  account_name_taken: 409,
  /** The name, the password, or both. */
  credentials_wrong: 401,
  password_too_short: 400,
  /** It is on lists of passwords that people use, or near to one. */
  password_known: 400,
  /** Used, withdrawn, too old, or none at all. */
  invitation_ended: 410,
  sign_up_closed: 403,
  /** No SMTP server is configured, or it did not take what it was handed. */
  mail_off: 503,
  mail_undeliverable: 502,
  /** The code of an app, or a recovery code: not right, or used before. */
  second_factor_wrong: 401,
  passkeys_off: 503,
  passkey_invalid: 400,
  passkey_not_found: 404,
  last_way_in: 409,
  identity_taken: 409,
  last_identity: 409,
  /** A site that signs people in here asked in a way that is not right, or too late. */
  openid_request_invalid: 400,
  openid_client_exists: 409,
  openid_client_not_found: 404,
  last_admin: 409,
  session_not_found: 404,
  token_not_found: 404,
  transfer_not_found: 404,
  transfer_ended: 409,
  /** Who reads a wiki: not ours to say, nobody of that name, one who reads it as more than a member, a link that is over. */
  readers_not_kept: 409,
  hub_account_not_found: 404,
  reader_stays: 409,
  read_link_not_found: 404,
  /** The signed word of the MediaWiki extension: forged, expired, used before, or meant for another request. */
  service_token_invalid: 401,
  rate_limited: 429,
  /** As many wait for the same as the farm lets wait. */
  queue_full: 429,
  /** As many follow events as one user may, or one process serves. */
  too_many_streams: 429,
  too_many_tokens: 409,
  /** The farm's own 409: a site of that name is there already. */
  farm_conflict: 409,
  /** The farm's 403 and 401: our credentials, not the caller's. */
  farm_forbidden: 502,
  farm_unauthorized: 502,
  /** Any other final answer of the farm. */
  farm_rejected: 502,
  /** Every attempt was used up. */
  farm_unavailable: 503,
  store_unavailable: 503,
  /** Temporal does not answer, or does not let us in. */
  temporal_unavailable: 503,
  /** A list that cannot be believed. */
  sync_untrusted: 409,
  /** A site of ours stands on the farm without an owner. */
  site_ownerless: 502,
  /** A folder, database or account of that name is there, and this task did not make it. */
  folder_foreign: 409,
  database_foreign: 409,
  /** What a new wiki is made from, or the hub's accounts, are not as they must be. */
  template_missing: 503,
  template_broken: 503,
  shared_tables_missing: 503,
  /** Rights that Wikistead itself lacks. */
  folder_unwritable: 503,
  database_rights_missing: 503,
  /** MariaDB takes a wiki's user for somebody else. */
  database_user_shadowed: 503,
  /** No host can take another wiki, or the wiki's own has been away for too long. */
  no_host: 503,
  host_away: 503,
  /** The MediaWiki engine could not finish within its patience. */
  engine_unavailable: 503,
  /** OpenSearch does not let the wiki in, takes no writes, or holds fewer pages than the wiki has. */
  search_denied: 502,
  search_blocked: 503,
  index_incomplete: 500,
  /** One of MediaWiki's scripts failed, and failed again. */
  command_failed: 500,
  cancelled: 409,
  rollback_incomplete: 500,
  /** The row and the workflow engine disagree; the task's life is over. */
  fenced: 409,
  terminated: 500,
  fault: 500,
} as const satisfies Record<string, number>
export type RefusalCode = keyof typeof refusals

export function isRefusalCode(code: unknown): code is RefusalCode {
  return typeof code === 'string' && Object.hasOwn(refusals, code)
}

/** A final answer that is the caller's business; its message is meant for people. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: RefusalCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.name = 'Refusal'
    this.code = code
    this.details = details
  }
}
