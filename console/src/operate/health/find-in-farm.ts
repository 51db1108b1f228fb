/** What `FindField` asks for users and wikis. */
import type { MenuItemData } from '@wikimedia/codex'
import type { OperateApi } from '../operate-api.ts'

export interface Finder {
  readonly find: (text: string) => Promise<MenuItemData[]>
  readonly nameOf: (id: number) => Promise<string>
}

const limit = 8

export const findUsers = (api: OperateApi): Finder => ({
  find: async (text) =>
    (await api.users({ q: text, limit })).users.map(({ id, name, identities }) => ({
      value: String(id),
      label: name,
      description: identities.map(({ subject }) => subject).join(', '),
    })),
  nameOf: async (id) => (await api.user(id)).name,
})

export const findWikis = (api: OperateApi): Finder => ({
  find: async (text) =>
    (await api.wikis({ q: text, limit })).wikis.map(({ id, name, address }) => ({
      value: String(id),
      label: name,
      description: address,
    })),
  nameOf: async (id) => (await api.wiki(id)).name,
})
