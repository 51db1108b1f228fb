/**
 * Whose word the address is of every connection that we open. A place that the table does not name, and a package of
 * which nobody has said whether it connects, fails here: whoever adds one says who chooses, and what holds it.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { connecting, harmless, outgoingPlaces } from './outgoing-places.ts'

const root = join(import.meta.dirname, '../../..')
const outside =
  /\.test\.ts$|(?:^|\/)tests?\/|^(?:e2e|drill|bench)\/|^[^/]*\.config\.(?:js|ts)$|\/vite\.config\.ts$/
const files = execFileSync('git', ['ls-files', '*.ts', '*.js', '*.vue', '*.php', '*.sh'], {
  ...{ cwd: root, encoding: 'utf8' },
})
  .split('\n')
  .filter((file) => file !== '' && !outside.test(file))

interface Seen {
  /** What in it can connect. */
  readonly connects: readonly string[]
  readonly unknownModules: readonly string[]
  /** Calls of `fetch` that would go where a redirect leads. */
  readonly following: readonly string[]
}

const globals = new Set(['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest'])
const browsers = /^(?:console|components|extension)\//

/** The script of a component, or the whole file. */
const scriptOf = (file: string, text: string): string =>
  file.endsWith('.vue') ? (/<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '') : text

function lookAt(file: string, text: string): Seen {
  const found: string[] = []
  const unknownModules: string[] = []
  const following: string[] = []
  const take = (module: string, names: readonly string[] | undefined): void => {
    const full = module.startsWith('node:') || !builtin.has(module) ? module : `node:${module}`
    if (/^\.|^@wikistead\//.test(full)) return
    const connects = connecting[full]
    if (connects === undefined) {
      if (!harmless.some((known) => known.test(full))) unknownModules.push(full)
    } else if (names === undefined || names.some((name) => connects.test(name))) found.push(full)
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      const clause = node.importClause
      if (clause?.phaseModifier !== ts.SyntaxKind.TypeKeyword)
        take(node.moduleSpecifier.text, namesOf(clause))
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier && !node.isTypeOnly) {
      if (ts.isStringLiteral(node.moduleSpecifier)) take(node.moduleSpecifier.text, undefined)
    } else if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const [first] = node.arguments ?? []
      const called = node.expression.getText(source)
      const name = called.replace(/^(?:globalThis|window|self)\./, '')
      if (
        node.expression.kind === ts.SyntaxKind.ImportKeyword ||
        /^(?:require|createRequire\(.*\))$/.test(called)
      ) {
        if (first && ts.isStringLiteral(first)) take(first.text, undefined)
      } else if (globals.has(name)) {
        found.push(name)
        const call = node.getText(source)
        if (!browsers.test(file) && !/redirect: '(?:error|manual)'/.test(call)) following.push(call)
      }
    }
    ts.forEachChild(node, visit)
  }
  const source = ts.createSourceFile(file, scriptOf(file, text), ts.ScriptTarget.Latest, true)
  visit(source)
  return { connects: found, unknownModules, following }
}

const builtin = new Set(['net', 'http', 'https', 'http2', 'tls', 'dns', 'dns/promises', 'dgram', 'inspector'])

/** Undefined for all of a module; none for an import that has types only. */
function namesOf(clause: ts.ImportClause | undefined): readonly string[] | undefined {
  const bindings = clause?.namedBindings
  if (clause === undefined || clause.name !== undefined || !bindings || ts.isNamespaceImport(bindings)) {
    return undefined
  }
  return bindings.elements
    .filter(({ isTypeOnly }) => !isTypeOnly)
    .map(({ name, propertyName }) => (propertyName ?? name).text)
}

/** What PHP, or a shell, connects by. */
const phpConnects =
  /\b(?:curl_\w+|fsockopen|pfsockopen|stream_socket_client|socket_connect|dns_get_record|gethostby\w+|get_headers|mysqli|new\s+(?:PDO|Redis|SoapClient)|[hH]ttpRequestFactory\s*->\s*(?:create|get|post|request|createMultiClient|createGuzzleClient))\b|\b(?:fopen|file_get_contents|file|copy)\s*\(\s*(?:['"]https?:|\$this->url)/
const shellConnects = /\b(?:curl|wget|nc|ssh|scp|rsync|telnet|socat)\b|\/dev\/tcp\//

function lookAtText(file: string, text: string): Seen {
  const found = (file.endsWith('.php') ? phpConnects : shellConnects).exec(
    text.replaceAll(/^\s*(?:#|\*|\/\/).*$/gm, ''),
  )
  return { connects: found ? [found[0]] : [], unknownModules: [], following: [] }
}

const look = (file: string, text: string): Seen =>
  /\.(?:php|sh)$/.test(file) ? lookAtText(file, text) : lookAt(file, text)
const seen = new Map(files.map((file) => [file, look(file, readFileSync(join(root, file), 'utf8'))] as const))
const all = (what: keyof Seen): string[] =>
  [...seen].flatMap(([file, found]) => found[what].map((each) => `${file}: ${each}`))

describe('the places of ours that open a connection', () => {
  test('are those of the table, each with who chooses the address', () => {
    const places = [...seen].filter(([, { connects }]) => connects.length > 0).map(([file]) => file)
    expect(places.filter((file) => outgoingPlaces[file] === undefined)).toEqual([])
    const gone = Object.keys(outgoingPlaces).filter((file) => !places.includes(file))
    expect(gone).toEqual([])
  })

  test('name settings that there are', () => {
    const settings = new Set(
      [...readFileSync(join(root, 'docs/configuration.md'), 'utf8').matchAll(/^\| `([a-z-]+)`/gm)].map(
        ([, name]) => name,
      ),
    )
    const named = Object.values(outgoingPlaces)
      .filter(({ chooses }) => chooses === 'operator')
      .flatMap(({ held }) => /^[a-z]+(?:-[a-z]+)+(?=,|;|$)/.exec(held) ?? [])
    expect(named.filter((name) => !settings.has(name))).toEqual([])
    expect(named.length).toBeGreaterThan(10)
  })

  test('are known of every package that we use', () => {
    expect(all('unknownModules')).toEqual([])
  })

  test('follow no redirect unseen', () => {
    expect(all('following')).toEqual([])
  })

  test('that somebody other than the operator can steer are these alone', () => {
    const steered = Object.entries(outgoingPlaces)
      .filter(([, { chooses }]) => ['PHP user', 'member', 'visitor'].includes(chooses))
      .map(([file]) => file)
    expect(steered).toEqual([
      'fedwiki/src/site/custom-domain-proof.ts',
      'wiki-security-wikistead/src/outgoing-connections.js',
    ])
  })
})

test.each([
  ['a.ts', "import { connect } from 'net'"],
  ['a.ts', "import http from 'node:http'"],
  ['a.ts', "import * as net from 'node:net'"],
  ['a.ts', "import { isIP, connect as reach } from 'node:net'"],
  ['a.ts', "export * from 'undici'"],
  ['a.ts', "const { request } = await import('undici')"],
  ['a.js', "const http = require('http')"],
  ['a.ts', "await globalThis.fetch('http://x', { redirect: 'error' })"],
  ['a.vue', "<script setup>new EventSource('/x')</script>"],
  ['a.php', '$a = $this->httpRequestFactory->get( $url );'],
  ['a.php', "$a = fopen( 'https://x', 'r' );"],
  ['a.php', '$a = curl_init( $url );'],
  ['a.sh', 'curl https://x'],
])('a new place in %s is noticed: %s', (file, text) => {
  expect(look(file, text).connects).toHaveLength(1)
})

test('a package that nobody has spoken of is noticed, and a fetch that goes where it is led', () => {
  expect(look('a.ts', "import axios from 'axios'").unknownModules).toEqual(['axios'])
  expect(look('a.ts', "await fetch('http://x')").following).toHaveLength(1)
})

test.each([
  "import type { Socket } from 'node:net'",
  "import { type Socket, isIP } from 'node:net'",
  "import { createServer } from 'node:http'",
])('what opens none is none: %s', (text) => {
  expect(look('a.ts', text)).toEqual({ connects: [], unknownModules: [], following: [] })
})
