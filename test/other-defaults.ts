/**
 * Options of a MariaDB that has every default of a session and a table otherwise than one would think. Whatever rests on a
 * default fails on it.
 */
export const otherDefaults: readonly string[] = [
  '--skip-character-set-client-handshake',
  '--character-set-server=utf8mb3',
  '--collation-server=utf8mb3_general_ci',
  '--innodb-default-row-format=compact',
  '--sql-mode=ANSI,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,IGNORE_SPACE,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE',
  '--default-time-zone=+05:00',
  '--transaction-isolation=SERIALIZABLE',
  '--default-storage-engine=MyISAM',
  '--autocommit=0',
  '--completion-type=RELEASE',
  '--lower-case-table-names=1',
  '--group-concat-max-len=64',
  // Of every connection whose user is no superuser.
  `--init-connect=SET SESSION sql_safe_updates=1, sql_select_limit=3, sql_auto_is_null=1, wait_timeout=5`,
]
