/**
 * The items of a Codex menu that change while somebody types. Codex scrolls to an item by its number at the next frame;
 * were the list shorter by then, it would find nothing there. So a list grows at once, and shrinks after a frame.
 */
import type { MenuItemData } from '@wikimedia/codex'
import { nextTick, shallowRef, type ShallowRef } from 'vue'

export interface MenuItems {
  readonly items: Readonly<ShallowRef<MenuItemData[]>>
  /** Resolves when the menu has them, or others were shown since. */
  readonly show: (items: MenuItemData[]) => Promise<void>
}

export function useMenuItems(first: MenuItemData[] = []): MenuItems {
  const items = shallowRef(first)
  let latest = 0
  return {
    items,
    async show(wanted) {
      const asked = ++latest
      if (wanted.length < items.value.length) {
        await endOfFrame()
        if (asked !== latest) return
      }
      items.value = wanted
      await nextTick()
    },
  }
}

/** After all that was to be done at the next frame. */
const endOfFrame = (): Promise<void> =>
  new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve))
  })
