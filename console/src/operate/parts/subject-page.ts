/** The page of what an entry of the audit log is about; undefined where it has none. */
export function subjectPage(subject: string): string | undefined {
  const [kind, id = ''] = split(subject)
  if (id === '') return kind === 'fedwiki' || kind === 'sync' ? '/operate/sync' : undefined
  return pages[kind]?.(id)
}

const pages: Readonly<Record<string, ((id: string) => string) | undefined>> = {
  wiki: (id) => `/wikis/${encodeURIComponent(id)}`,
  user: (id) => `/operate/users/${encodeURIComponent(id)}`,
  task: (id) => `/tasks/${encodeURIComponent(id)}`,
  alarm: () => '/operate/alarms',
  host: () => '/operate/health',
}

function split(subject: string): [string, string?] {
  const at = subject.indexOf('/')
  return at < 0 ? [subject] : [subject.slice(0, at), subject.slice(at + 1)]
}
