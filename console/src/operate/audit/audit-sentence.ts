/** An entry of the audit log as a sentence of the reader's language, in its parts. */
import type { Messages } from '@wikistead/components'
import type { AuditEntry } from '@wikistead/contracts'
import { auditWordOf } from '@wikistead/contracts/audit-words'

export interface SentencePart {
  readonly kind: 'text' | 'actor' | 'subject'
  readonly text: string
}

/** Nobody writes these: they only hold the places of names, in which anything may stand. */
const places = { '\uE000': 'actor', '\uE001': 'subject' } as const

export function sentenceOf(entry: AuditEntry, { message }: Messages): readonly SentencePart[] {
  const word = auditWordOf(entry.action)
  const names = {
    actor: entry.actor?.name ?? message('console-operate-did-somebody'),
    subject: word === undefined ? entry.action : nameOf(entry, message('console-operate-did-something')),
  }
  const key = `console-operate-did-${word ?? 'other'}`
  const sentence = message(key, '\uE000', '\uE001', entry.status < 400 ? 1 : 0)
  return sentence
    .split(/([\uE000\uE001])/)
    .filter((text) => text !== '')
    .map((text) => {
      const kind = places[text as keyof typeof places] as 'actor' | 'subject' | undefined
      return kind === undefined ? { kind: 'text', text } : { kind, text: names[kind] }
    })
}

/** `host/blue` is blue; a wiki that was never made has no name. */
function nameOf({ subject, subject_name: name }: AuditEntry, unknown: string): string {
  if (name !== null) return name
  const id = subject.slice(subject.indexOf('/') + 1)
  return id === '' ? unknown : /^(?:host|setting)\//.test(subject) ? id : subject
}
