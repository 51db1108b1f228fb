import { markdownTable } from '@wikistead/contracts/markdown-table'
import { settings } from '../settings/settings.ts'

/** All settings as a Markdown table. */
export function settingsTable(): string {
  const rows = [
    ['name', 'flag', 'environment', 'type', 'default', 'meaning'],
    ...settings.map((setting) => [
      `\`${setting.name}\``,
      setting.flag === undefined ? 'none' : `\`${setting.flag}\``,
      `\`${setting.env}\``,
      setting.type,
      setting.default ?? '',
      setting.meaning,
    ]),
  ].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  return markdownTable(rows)
}
