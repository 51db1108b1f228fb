/**
 * What a migration consists of: single changes of the tables, each of which may be made again. MariaDB keeps no transaction
 * over them, so a run that was cut off anywhere is begun again, and finds what it had done.
 */

import { tableOptions } from '../database/mariadb-session.ts'
import type { StoreEngine } from '../database/store-engine.ts'

export interface Step {
  /** One statement, on one line: `extension/sql/tables.sql` has it as it is. */
  readonly sql: string
  /** What it adds, where the engine has no words for "if it is not there". */
  readonly adds?: { readonly table: string; readonly column: string }
}

export interface StoreMigration {
  readonly name: string
  /**
   * The first release that can live with what this makes of the tables. Left out when releases before it can: what only
   * adds tables, indexes and columns that may be empty is nothing to them.
   */
  readonly needs?: string
  readonly steps: readonly Step[]
}

/** The words of an engine, for the steps of a migration. */
export class Steps {
  readonly engine: StoreEngine
  readonly #mariadb: boolean

  constructor(engine: StoreEngine) {
    this.engine = engine
    this.#mariadb = engine === 'mariadb'
  }

  /** The columns' types. */
  get types() {
    const mariadb = this.#mariadb
    return {
      /** Ids and codes: compared byte by byte. */
      key: mariadb ? 'varchar(191) character set ascii collate ascii_bin' : 'text',
      /** Slugs and domains, of which the longest has 253 characters. */
      address: mariadb ? 'varchar(253) character set ascii collate ascii_bin' : 'text',
      /** What people write, and subjects of foreign issuers: compared to the last blank. */
      name: mariadb ? 'varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin' : 'text',
      /** Eight letters of whatever script, compared byte by byte. */
      fragment: mariadb ? 'varbinary(32)' : 'text',
      long: mariadb ? 'mediumtext' : 'text',
      serial: mariadb ? 'bigint unsigned' : 'integer',
      number: mariadb ? 'bigint' : 'integer',
      /** A number that the database gives. */
      ownSerial: mariadb ? 'bigint unsigned primary key auto_increment' : 'integer primary key autoincrement',
    } as const
  }

  /** A table; `primaryKey` where it is more than one column. */
  table(table: string, columns: Readonly<Record<string, string>>, primaryKey: readonly string[] = []): Step {
    const lines = Object.entries(columns).map(([column, type]) => `${this.#name(column)} ${type}`)
    if (primaryKey.length > 0) {
      lines.push(`constraint ${this.#name(`${table}_pk`)} primary key ${this.#list(primaryKey)}`)
    }
    const tail = this.#mariadb ? tableOptions : 'strict'
    return { sql: `create table if not exists ${this.#name(table)} (${lines.join(', ')}) ${tail}` }
  }

  /** `wikifarm_<table>_<suffix>`. On MariaDB others read and write the table while it is made. */
  index(table: string, suffix: string, columns: readonly string[], { unique = false } = {}): Step {
    const what = unique ? 'unique index' : 'index'
    const name = this.#name(`${table}_${suffix}`)
    return {
      sql: `create ${what} if not exists ${name} on ${this.#name(table)} ${this.#list(columns)}${this.#mariadb ? ' algorithm=nocopy lock=none' : ''}`,
    }
  }

  /** A column that may be empty. On MariaDB no row is touched for it. */
  column(table: string, column: string, type: string): Step {
    const names = `${this.#name(column)} ${type}`
    if (this.#mariadb) {
      return {
        sql: `alter table ${this.#name(table)} add column if not exists ${names}, algorithm=instant, lock=none`,
      }
    }
    return { sql: `alter table ${this.#name(table)} add column ${names}`, adds: { table, column } }
  }

  /**
   * An index, `wikifarm_<table>_<suffix>`, in which parts of texts can be looked for without reading a row: `before`, then
   * the texts of all `of` in small letters as one, with a line break between them, then `after`. MariaDB has no index of an
   * expression, but of a column `found_by` that is computed, takes no room in the table and is in no `select *`.
   */
  textIndex(
    table: string,
    suffix: string,
    {
      before,
      of,
      after,
    }: {
      readonly before: readonly string[]
      readonly of: readonly string[]
      readonly after: readonly string[]
    },
  ): readonly Step[] {
    if (this.#mariadb) {
      const texts = of.map((column) => this.#name(column)).join(', char(10 using ascii), ')
      const column = `\`found_by\` varbinary(1300) generated always as (lower(concat(${texts}))) virtual invisible`
      return [
        {
          sql: `alter table ${this.#name(table)} add column if not exists ${column}, algorithm=instant, lock=none`,
        },
        this.index(table, suffix, [...before, 'found_by', ...after]),
      ]
    }
    const texts = of.map((column) => this.#name(column)).join(' || char(10) || ')
    const columns = [this.#names(before), `lower(${texts})`, this.#names(after)].join(', ')
    const name = this.#name(`${table}_${suffix}`)
    return [{ sql: `create index if not exists ${name} on ${this.#name(table)} (${columns})` }]
  }

  #list(columns: readonly string[]): string {
    return `(${this.#names(columns)})`
  }

  #names(columns: readonly string[]): string {
    return columns.map((column) => this.#name(column)).join(', ')
  }

  #name(name: string): string {
    return this.#mariadb ? `\`${name}\`` : `"${name}"`
  }
}
