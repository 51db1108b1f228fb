import { Refusal } from '@wikistead/contracts'
import { Repository } from '../database/repository.ts'
import { isDuplicate } from '../database/store-errors.ts'
import type { OpenidClientRow } from '../database/tables.ts'

export interface OpenidClient {
  readonly id: string
  /** For people. */
  readonly name: string
  /** SHA-256 of its secret, hex. */
  readonly secretHash: string
  readonly redirectUris: readonly string[]
  /** False: it has its secret alone to show that a code is for it. */
  readonly pkce: boolean
  /** The admin; null: it is the farm's own. */
  readonly madeBy: number | null
  readonly createdAt: number
}

/** Sites and programs whose visitors sign in at our own OpenID provider. */
export class OpenidClients extends Repository {
  async find(id: string): Promise<OpenidClient | undefined> {
    const row = await this.db
      .selectFrom('wikifarm_openid_clients')
      .selectAll()
      .where('client_id', '=', id)
      .executeTakeFirst()
    return row && clientOf(row)
  }

  async list(): Promise<OpenidClient[]> {
    const rows = await this.db
      .selectFrom('wikifarm_openid_clients')
      .selectAll()
      .orderBy('created_at')
      .orderBy('client_id')
      .execute()
    return rows.map(clientOf)
  }

  /** @throws Refusal `openid_client_exists` */
  async add(client: Omit<OpenidClient, 'createdAt'>): Promise<OpenidClient> {
    const createdAt = this.now()
    try {
      await this.db.insertInto('wikifarm_openid_clients').values(rowOf(client, createdAt)).execute()
    } catch (error) {
      if (!isDuplicate(error)) throw error
      throw new Refusal(
        'openid_client_exists',
        `There is a client ${client.id} already: remove it first, or call this one otherwise.`,
      )
    }
    return { ...client, createdAt }
  }

  /** As the farm's own is now; made when it is missing. */
  async ensure(client: Omit<OpenidClient, 'createdAt'>): Promise<void> {
    const known = await this.find(client.id)
    if (known === undefined) await this.add(client)
    else {
      const { client_id: id, ...change } = rowOf(client, known.createdAt)
      await this.db.updateTable('wikifarm_openid_clients').set(change).where('client_id', '=', id).execute()
    }
  }

  /** @throws Refusal `openid_client_not_found` */
  async remove(id: string): Promise<void> {
    const { numDeletedRows } = await this.db
      .deleteFrom('wikifarm_openid_clients')
      .where('client_id', '=', id)
      .where('made_by', 'is not', null)
      .executeTakeFirst()
    if (numDeletedRows > 0n) return
    throw new Refusal('openid_client_not_found', `There is no client ${id} that somebody has added.`)
  }
}

const clientOf = (row: OpenidClientRow): OpenidClient => ({
  ...{ id: row.client_id, name: row.name, secretHash: row.secret_hash },
  redirectUris: JSON.parse(row.redirect_uris) as string[],
  pkce: row.without_pkce !== 1,
  ...{ madeBy: row.made_by, createdAt: row.created_at },
})

const rowOf = (client: Omit<OpenidClient, 'createdAt'>, createdAt: number): OpenidClientRow => ({
  ...{ client_id: client.id, name: client.name, secret_hash: client.secretHash },
  redirect_uris: JSON.stringify(client.redirectUris),
  without_pkce: client.pkce ? null : 1,
  ...{ made_by: client.madeBy, created_at: createdAt },
})
