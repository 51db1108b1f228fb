/** Light, dark, or as the system has it. */
import { shallowRef } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const place = 'wikistead-theme'

export const theme = shallowRef<Theme>(stored())

export function applyTheme(chosen: Theme): void {
  theme.value = chosen
  const { dataset } = document.documentElement
  if (chosen === 'system') delete dataset['theme']
  else dataset['theme'] = chosen
  try {
    localStorage.setItem(place, chosen)
  } catch {
    // Then it lasts as long as the page.
  }
}

function stored(): Theme {
  try {
    const kept = localStorage.getItem(place)
    return themes.find((one) => one === kept) ?? 'system'
  } catch {
    return 'system'
  }
}
