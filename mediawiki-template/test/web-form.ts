/** A form on a page of MediaWiki's, as a browser fills and sends it. */
import type { Answer, Visitor } from './visitor.ts'

/** Sends the page's form of this name, or id, with what it holds and these values. */
export async function sendForm(
  visitor: Visitor,
  host: string,
  page: Answer,
  name: string,
  values: Readonly<Record<string, string>>,
): Promise<Answer> {
  const [, attributes = '', inside = ''] =
    [...page.text.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/g)].find(
      ([, of = '']) => (attributeOf(of, 'name') ?? attributeOf(of, 'id')) === name,
    ) ?? []
  const body = new URLSearchParams()
  for (const [input] of inside.matchAll(/<(?:input|button)\b[^>]*>/g)) {
    const field = attributeOf(input, 'name')
    if (field !== undefined && attributeOf(input, 'type') !== 'checkbox') {
      body.set(field, attributeOf(input, 'value') ?? '')
    }
  }
  for (const [field, value] of Object.entries(values)) {
    if (!body.has(field)) throw new Error(`no field ${field} in ${name}: ${[...body.keys()].join(' ')}`)
    body.set(field, value)
  }
  return visitor.post(host, attributeOf(attributes, 'action') ?? '', body)
}

function attributeOf(tag: string, name: string): string | undefined {
  const [, , value] = new RegExp(`\\b${name}=(["'])(.*?)\\1`).exec(tag) ?? []
  return value?.replaceAll('&amp;', '&').replaceAll('&#039;', "'").replaceAll('&quot;', '"')
}
