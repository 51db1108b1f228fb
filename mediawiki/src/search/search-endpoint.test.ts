/** One reading of OPENSEARCH_ENDPOINT: ours, and that of the template's LocalSettings.php in real PHP. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { searchEndpoint } from './search-endpoint.ts'

const run = promisify(execFile)

/** What its part about search makes of such values. */
async function inPhp(values: object): Promise<{ servers: Record<string, unknown>[]; base: string }> {
  const file = new URL('../../../mediawiki-template/php/LocalSettings.php', import.meta.url)
  const [, part = ''] =
    /\n\/\/ Search\n([\s\S]*?)\n\/\/ For the OAuth/.exec(await readFile(file, 'utf8')) ?? []
  const code = `function wfLoadExtension( $name ) {} $wgDBname = 'ada_lab'; $pubwiki = json_decode( $argv[1], true ); ${part}
    echo json_encode( [ 'servers' => $wgCirrusSearchServers, 'base' => $wgCirrusSearchIndexBaseName ] );`
  const all = { WIKIFARM_SEARCH: 'cirrus', ...values }
  return JSON.parse((await run('php', ['-r', code, '--', JSON.stringify(all)])).stdout) as never
}

test.each([
  ['http://search', 'http://search:80', 80, ''],
  ['https://search', 'https://search:443', 443, ''],
  ['http://search:9200', 'http://search:9200', 9200, ''],
  ['https://search:443', 'https://search:443', 443, ''],
  ['http://search:80/', 'http://search:80', 80, ''],
  ['https://search.example.org/below', 'https://search.example.org:443/below', 443, '/below'],
  ['http://10.0.0.7:9200/be/low/', 'http://10.0.0.7:9200/be/low', 9200, '/be/low'],
  ['http://[::1]:9200/x%20y', 'http://[::1]:9200/x%20y', 9200, '/x%20y'],
])('%s', async (given, url, port, path) => {
  const read = searchEndpoint(given)
  expect(read).toMatchObject({ url, port, path })
  // Whoever reads what we write reads the same again.
  expect(searchEndpoint(url)).toEqual(read)
  for (const said of [given, url]) {
    const { servers } = await inPhp({ OPENSEARCH_ENDPOINT: said })
    const { host, transport } = read
    expect(servers).toEqual([{ host, port, transport, path: path === '' ? '' : `${path.slice(1)}/` }])
  }
})

test('who signs in says so at once; who does not says nothing', async () => {
  const at = { OPENSEARCH_ENDPOINT: 'http://search:9200' }
  const { servers } = await inPhp({ ...at, OPENSEARCH_USER: 'wiki.ada', OPENSEARCH_PASSWORD: 'p"$w' })
  expect(servers[0]).toMatchObject({ username: 'wiki.ada', password: 'p"$w', auth_type: 'basic' })
  expect((await inPhp({ ...at, OPENSEARCH_USER: '' })).servers[0]).not.toHaveProperty('username')
})

test('a wiki has the base that it is told; nobody who was told none has changed it', async () => {
  const at = { OPENSEARCH_ENDPOINT: 'http://search:9200' }
  expect((await inPhp({ ...at, OPENSEARCH_INDEX_BASE: 'ada_lab-' })).base).toBe('ada_lab-')
  expect((await inPhp({ ...at, OPENSEARCH_INDEX_BASE: '' })).base).toBe('ada_lab-')
  expect((await inPhp(at)).base).toBe('ada_lab')
})

test('what is no address of either kind is refused', () => {
  for (const given of ['search:9200', 'ftp://search', ''])
    expect(() => searchEndpoint(given)).toThrow(TypeError)
})
