/** What a wiki's own address says while there is no wiki to serve. */

export interface WikiStatus {
  readonly state: 'ready' | 'creating' | 'failed' | 'archived' | 'suspended' | 'deleted' | 'unknown'
  /** For the visitor; not escaped. */
  readonly message?: string | undefined
  /** 0 to 100. */
  readonly progress?: number | undefined
}

export interface StatusPage {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Words {
  readonly statusCode: number
  readonly title: string
  readonly text: string
  /** Seconds until the page asks again. */
  readonly refresh?: number
}

const words: Record<Exclude<WikiStatus['state'], 'ready'> | 'unavailable', Words> = {
  creating: {
    statusCode: 503,
    title: 'This wiki is being made',
    text: 'It opens here by itself.',
    refresh: 2,
  },
  failed: {
    statusCode: 503,
    title: 'This wiki could not be made',
    text: 'Whoever asked for it can try again.',
    refresh: 10,
  },
  archived: {
    statusCode: 410,
    title: 'This wiki is archived',
    text: 'Its owner put it away. Nothing of it is lost, and its owner can open it again.',
  },
  suspended: {
    statusCode: 403,
    title: 'This wiki is suspended',
    text: 'The operators of the farm have taken it out of service.',
  },
  deleted: {
    statusCode: 410,
    title: 'This wiki was deleted',
    text: 'Its owner may bring it back for a while.',
    refresh: 30,
  },
  unknown: { statusCode: 404, title: 'There is no wiki here', text: 'Is the address right?' },
  unavailable: {
    statusCode: 503,
    title: 'This wiki is not available',
    text: 'Try again in a moment.',
    refresh: 3,
  },
}

export function statusPage({
  state,
  message,
  progress,
}: Omit<WikiStatus, 'state'> & { state: keyof typeof words }): StatusPage {
  const { statusCode, title, text, refresh } = words[state]
  const bar = progress === undefined ? '' : `<progress max="100" value="${clamp(progress)}"></progress>`
  return {
    statusCode,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      ...(refresh !== undefined && { 'retry-after': String(refresh) }),
    },
    body: `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
${refresh === undefined ? '' : `<meta http-equiv="refresh" content="${refresh}">\n`}<title>${title}</title>
<style>body{font:1.1rem/1.6 sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem}progress{width:100%}</style>
<h1>${title}</h1>
<p>${escapeHtml(message ?? text)}</p>
${bar}
</html>
`,
  }
}

function clamp(progress: number): number {
  return Math.min(100, Math.max(0, Math.round(progress)))
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`)
}
