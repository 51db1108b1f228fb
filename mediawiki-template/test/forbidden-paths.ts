/** What no front may give out, and files that would give it away. */
import { once } from 'node:events'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'

const planted = ['.git/config', '.env', 'other.ini', 'notes.txt', 'images/planted.css', 'cache/planted.png']

export async function plantSecrets(wikiFolder: string): Promise<void> {
  await mkdir(join(wikiFolder, '.git'))
  for (const file of planted) await writeFile(join(wikiFolder, file), 'planted')
  await symlink('/etc', join(wikiFolder, 'images/etc'))
}

/** Of an answer that gave something away. */
export const givenAway = /planted|WIKI_|\$wg|<\?php|namespace MediaWiki|root:/

export const forbiddenPaths = String.raw`
  /pubwiki.ini /PUBWIKI.INI /pubwiki.ini?x=/index.php //pubwiki.ini /./pubwiki.ini /pubwiki%2eini /pubwiki.ini/
  /LocalSettings.php /LocalSettings.php/x.css /FarmSettings.php /other.ini /notes.txt /.env /.git/config /.git/
  /includes/Defines.php /includes/ /vendor/autoload.php /autoload.php /composer.json /languages/Language.php
  /maintenance/run.php /maintenance/install.php /maintenance/run /mw-config/index.php /thumb_handler.php
  /mediawiki/LocalSettings.php /mediawiki/index.php /mediawiki/resources/assets/poweredby_mediawiki.svg
  /images/ /images/etc/passwd /images/planted.css /cache/ /cache/planted.png
  /resources/ /resources/Resources.php /extensions/Cite/extension.json /extensions/Cite/src/Cite.php /skins/Vector/skin.json
  /resources/../pubwiki.ini /resources/%2e%2e/pubwiki.ini /resources/..%2fpubwiki.ini /resources/assets/../../pubwiki.ini
  /resources/../.git/config /skins/../images/etc/passwd /resources/../images/planted.css /resources/%2e%2e/images/planted.css
  /skins/..%2fcache/planted.png /pubwiki.ini%00.css /resources\..\pubwiki.ini
`
  .trim()
  .split(/\s+/)

/** Asks for a path as it is: nothing tidies it on its way. */
export async function rawGet(
  port: number,
  host: string,
  path: string,
): Promise<{ status: number; text: string }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  const text = await textOf(socket)
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text }
}
