/** What a suspension makes of pubwiki.ini, as PHP reads it, and that lifting it leaves no trace. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startPhp, type LongLivedPhp } from '../../test/long-lived-php.ts'
import { liftInIni, suspendInIni } from './suspended-ini.ts'

let php: LongLivedPhp
let folder: string
beforeAll(() => {
  php = startPhp('parse_ini_file( $in )')
})
afterAll(() => php[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wikistead-suspended-'))
})
afterEach(() => rm(folder, { recursive: true }))

const ini = () => join(folder, 'pubwiki.ini')
const told = async () => (await php.ask(ini())) as Record<string, string>
const reason = `Spam: "$HOME" <script>alert(1)</script> \\ 'x'; é 維基`
const contact = 'https://help.example.org/?a=1&b=2'

/** What there was before, by what the wiki's LocalSettings.php may know. */
const before = {
  'a wiki that stands': 'WIKI_DB_PASSWORD="x"\nWIKI_BOOTSTRAPING=false\nWIKI_SERVING="readonly"\n',
  'a wiki that was never told what to do': '; mine\nWIKI_DB_PASSWORD="x"\nWIKI_BOOTSTRAPING=false\n',
  'a deleted wiki': 'WIKI_BOOTSTRAPING=true\nWIKI_SERVING="archived"\n',
}
const settings = {
  today: `<?php $a['WIKI_BOOTSTRAPING']; $a['WIKI_SERVING']; $a['WIKI_SUSPENDED'];`,
  'the release before': `<?php $a['WIKI_BOOTSTRAPING']; $a['WIKI_SERVING'];`,
  'the first release': `<?php $a['WIKI_BOOTSTRAPING'];`,
}

test.each(
  Object.entries(before).flatMap(([wiki, text]) =>
    Object.entries(settings).map(([whose, php]) => [wiki, whose, text, php] as const),
  ),
)('%s, with the settings of %s, is closed, and then as it was', async (_wiki, whose, text, settingsText) => {
  await writeFile(ini(), text)
  await writeFile(join(folder, 'LocalSettings.php'), settingsText)
  const first = await told()
  for (const each of [reason, reason, 'Another reason.'])
    await suspendInIni(folder, { reason: each, contact })
  expect(await told()).toMatchObject({
    ...{ WIKI_SUSPENDED: 'Another reason.', WIKI_SUSPENDED_CONTACT: contact, WIKI_SERVING: 'archived' },
    ...(whose === 'the first release' && { WIKI_BOOTSTRAPING: '1' }),
  })
  await liftInIni(folder)
  await liftInIni(folder)
  expect(await told()).toEqual(first)
  expect((await readFile(ini(), 'utf8')).split('\n').sort()).toEqual(text.split('\n').sort())
})

test('a reason is text, whatever is in it', async () => {
  await writeFile(ini(), before['a wiki that stands'])
  await writeFile(join(folder, 'LocalSettings.php'), settings.today)
  await suspendInIni(folder, { reason, contact: '' })
  const now = await told()
  expect(now).toMatchObject({ WIKI_SUSPENDED: reason })
  expect(now).not.toHaveProperty('WIKI_SUSPENDED_CONTACT')
})

test('settings that would go on serving it are refused, and nothing is changed', async () => {
  await writeFile(ini(), before['a wiki that stands'])
  await writeFile(join(folder, 'LocalSettings.php'), '<?php // an operator’s own')
  await expect(suspendInIni(folder, { reason, contact })).rejects.toMatchObject({ code: 'template_broken' })
  expect(await readFile(ini(), 'utf8')).toBe(before['a wiki that stands'])
})
