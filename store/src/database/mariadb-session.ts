/**
 * What a connection to MariaDB says at its beginning. Every default of a session is whoever's runs the server: it may be
 * another character set, sql_mode, time zone, isolation or engine, and the same statement means another thing then.
 */

export interface MariadbSession {
  /** Beside strictness, which is always. */
  readonly modes?: readonly string[]
  readonly isolation: 'read committed' | 'repeatable read'
  /** Other variables of the session. */
  readonly variables?: Readonly<Record<string, number>>
}

/** To be asked one after the other, before anything else. */
export function sessionStatements({ modes = [], isolation, variables }: MariadbSession): readonly string[] {
  const said = Object.entries({ ...always, ...variables }).map(
    ([name, value]) => `${name} = ${String(value)}`,
  )
  // Truncating what does not fit would lose data in silence.
  const mode = ['STRICT_ALL_TABLES', 'NO_ENGINE_SUBSTITUTION', ...modes].join(',')
  return [
    // In the handshake a server may ignore it (`skip_character_set_client_handshake`).
    'set names utf8mb4 collate utf8mb4_bin',
    `set session sql_mode = '${mode}', time_zone = '+00:00', default_storage_engine = 'InnoDB', ${said.join(', ')}`,
    `set session transaction isolation level ${isolation}, read write`,
  ]
}

const always: Readonly<Record<string, number>> = {
  autocommit: 1,
  completion_type: 0,
  // The first would refuse a change of every row, the others would leave out rows or refuse to look at many.
  sql_safe_updates: 0,
  sql_select_limit: 4_294_967_295,
  sql_big_selects: 1,
  sql_auto_is_null: 0,
  group_concat_max_len: 1_048_576,
  innodb_lock_wait_timeout: 50,
  // An idle place in a pool is the pool's business.
  wait_timeout: 28_800,
  idle_transaction_timeout: 0,
  idle_write_transaction_timeout: 0,
  idle_readonly_transaction_timeout: 0,
}

/**
 * After the columns of a table, instead of what server and database would have: MediaWiki's character set is often binary,
 * Debian's latin1, and the keys of a compact row end at 767 bytes.
 */
export const tableOptions = 'engine=InnoDB row_format=dynamic default charset=utf8mb4 collate=utf8mb4_bin'
