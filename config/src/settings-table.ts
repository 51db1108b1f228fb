import { settings } from './settings.ts'

/** All settings as a Markdown table, its columns aligned as prettier aligns them. */
export function settingsTable(): string {
  const rows = [
    ['name', 'flag', 'environment', 'type', 'default', 'meaning'],
    ...settings.map((setting) => [
      `\`${setting.name}\``,
      `\`${setting.flag}\``,
      `\`${setting.env}\``,
      setting.type,
      setting.default ?? '',
      setting.meaning,
    ]),
  ].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}
