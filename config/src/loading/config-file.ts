import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document, type Node } from 'yaml'

export interface FileEntry {
  readonly key: string
  /** Texts, and lists and mappings of texts; null where nothing is written. */
  readonly value: unknown
  /** From 1. */
  readonly line: number
}

export interface FileProblem {
  readonly line: number | undefined
  readonly message: string
}

/**
 * Reads a YAML file of settings: one mapping, a setting a key. A value is the text that is written there: what YAML takes for a
 * number, a boolean or a null (`0123`, 21 digits, `yes`) would be another text afterwards, and its kind is the setting's business.
 */
export function readConfigFile(text: string): {
  readonly entries: readonly FileEntry[]
  readonly problems: readonly FileProblem[]
} {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineOf = (offset: number) => lines.linePos(offset).line
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0) {
    return {
      entries: [],
      problems: broken.map(({ message, pos }) => ({ line: lineOf(pos[0]), message })),
    }
  }
  // An empty file sets nothing.
  if (document.contents === null) return { entries: [], problems: [] }
  if (!isMap(document.contents)) {
    return { entries: [], problems: [{ line: 1, message: 'write settings as `name: value`, one a line' }] }
  }
  visit(document, {
    Scalar(_, scalar) {
      if (scalar.source) scalar.value = scalar.source
    },
  })
  const entries: FileEntry[] = []
  const problems: FileProblem[] = []
  for (const { key, value } of document.contents.items) {
    const line = isNode(key) && key.range ? lineOf(key.range[0]) : 1
    if (isScalar(key) && typeof key.value === 'string') {
      entries.push({ key: key.value, value: isNode(value) ? plain(value, document) : value, line })
    } else {
      problems.push({ line, message: 'the name of a setting is plain text' })
    }
  }
  return { entries, problems }
}

function plain(node: Node, document: Document.Parsed): unknown {
  try {
    return node.toJS(document)
  } catch {
    // Aliases of aliases: whatever they were to become, no setting takes it.
    return {}
  }
}
