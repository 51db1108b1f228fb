// @vitest-environment happy-dom
import type { Engine, Name, TaskAccepted, WantedWiki } from '@wikistead/contracts'
import { enableAutoUnmount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { show } from '../../test/mount.ts'
import type { CreateOptions } from './create-options.ts'
import CreateWikiForm from './CreateWikiForm.vue'
import { FarmApiError, type FarmApi } from '../farm-api.ts'

enableAutoUnmount(afterEach)
beforeEach(() => {
  sessionStorage.clear()
})

const fedwiki = { parentDomain: 'wiki.test', customDomains: true }
const mediawiki = {
  rootHost: 'mw.test',
  languages: [
    { code: 'en', name: 'English' },
    { code: 'de', name: 'Deutsch' },
  ],
}
const options: CreateOptions = { fedwiki, mediawiki, owner: 'Ada' }

interface Sent {
  readonly wanted: WantedWiki
  readonly key: string
}

/** Answers as the API does: the same key is the same task, and what it was told to refuse it refuses. */
class Farm implements Pick<FarmApi, 'createWiki' | 'nameState'> {
  readonly sent: Sent[] = []
  readonly askedFor: string[] = []
  readonly names = new Map<string, Pick<Name, 'state' | 'reason'>>()
  readonly refusals: FarmApiError[] = []
  /** Until it is let go, no creation is answered. */
  answering: Promise<void> = Promise.resolve()
  readonly #tasks = new Map<string, TaskAccepted>()

  nameState = (engine: Engine, name: string): Promise<Name> => {
    this.askedFor.push(name)
    const said = this.names.get(name) ?? { state: 'free' }
    return Promise.resolve({ engine, name, address: `${name}.wiki.test`, ...said })
  }

  createWiki = async (wanted: WantedWiki, key: string): Promise<TaskAccepted> => {
    this.sent.push({ wanted, key })
    await this.answering
    const refusal = this.refusals.shift()
    if (refusal !== undefined) throw refusal
    const wikiId = this.#tasks.size + 1
    const task = this.#tasks.get(key) ?? { task_id: `task-${String(wikiId)}`, wiki_id: wikiId }
    this.#tasks.set(key, task)
    return task
  }
}

function form(farm: Farm = new Farm(), given: CreateOptions = options) {
  const shown = show(CreateWikiForm, { options: given }, farm)
  const input = (name: string) => shown.get<HTMLInputElement>(`input[name=${name}]`)
  const submit = shown.get<HTMLButtonElement>('button[type=submit]')
  return {
    ...{ shown, input, submit },
    name: () => input('name').element.value,
    address: () => input('address').element.value,
    choose: (engine: Engine) => shown.get(`input[name=wf-engine][value=${engine}]`).setValue(),
    /** What the field of that input is told to be wrong with. */
    wrong: (name: string) => {
      const field = shown.findAll('.cdx-field').find((one) => one.find(`input[name=${name}]`).exists())
      const error = field?.find('.cdx-field__validation-message')
      return error?.exists() === true ? error.text() : ''
    },
    send: () => shown.get('form').trigger('submit'),
    refused: () => shown.find('.wf-create__refused'),
  }
}
const settled = (it: ReturnType<typeof form>) =>
  expect.poll(() => it.submit.element.disabled, { interval: 5 }).toBe(false)

test('the kind of wiki decides what is asked', async () => {
  const it = form()
  const fields = () => ({
    domain: it.shown.text().includes('Use a domain of my own'),
    language: it.shown.text().includes('Of its menus and its main page'),
    visibility: it.shown.find('input[name=wf-visibility]').exists(),
    optional: it.shown.text().includes('(optional)'),
    suffix: it.shown.get('.wf-create__suffix').text(),
  })
  expect(fields()).toEqual({
    ...{ domain: true, language: false, visibility: false, optional: true, suffix: '.wiki.test' },
  })
  await it.choose('mediawiki')
  expect(fields()).toEqual({
    ...{ domain: false, language: true, visibility: true, optional: false, suffix: '.mw.test' },
  })
  await it.choose('fedwiki')
  expect(fields()).toMatchObject({ language: false, visibility: false, suffix: '.wiki.test' })
})

test('where there is one kind of wiki only, nobody is asked for it', () => {
  const it = form(new Farm(), { ...options, fedwiki: null })
  expect(it.shown.find('input[name=wf-engine]').exists()).toBe(false)
  expect(it.shown.get('.wf-create__suffix').text()).toBe('.mw.test')
})

test('each kind is sent with what it needs, and with nothing of the other', async () => {
  const farm = new Farm()
  const it = form(farm)
  await it.choose('mediawiki')
  await it.input('name').setValue('  Ada Notes ')
  await it.shown.get('input[name=wf-visibility][value=private]').setValue()
  await it.choose('fedwiki')
  await it.send()
  await settled(it)
  await it.choose('mediawiki')
  await it.send()
  await settled(it)
  expect(farm.sent.map(({ wanted }) => wanted)).toEqual([
    { engine: 'fedwiki', domain: 'ada-notes', name: 'Ada Notes' },
    { engine: 'mediawiki', name: 'Ada Notes', slug: 'ada-notes', language: 'en', visibility: 'private' },
  ])
  expect(it.shown.emitted('created')).toEqual([
    [{ taskId: 'task-1', wikiId: 1, engine: 'fedwiki' }],
    [{ taskId: 'task-2', wikiId: 2, engine: 'mediawiki' }],
  ])
})

test('the address follows the name until it is written by hand, and again once that is emptied', async () => {
  const it = form()
  await it.input('name').setValue('Straße & Søn')
  expect(it.address()).toBe('strasse-son')
  await it.input('address').setValue(' Garden ')
  await it.input('name').setValue('Something else')
  expect(it.address()).toBe('garden')
  await it.input('address').setValue('')
  await it.input('name').setValue('A third name')
  expect(it.address()).toBe('a-third-name')
})

test('a free address is told with its whole domain, and only the last one written is asked about', async () => {
  const farm = new Farm()
  const it = form(farm)
  await it.input('address').setValue('note')
  await it.input('address').setValue('notes')
  expect(it.shown.text()).toContain('Looking whether it is free')
  await expect.poll(() => it.shown.text()).toContain('notes.wiki.test is free.')
  expect(farm.askedFor).toEqual(['notes'])
})

test.each([
  ['taken', 'This address is taken. Choose another.'],
  ['reserved', 'This address is reserved for the farm itself. Choose another.'],
  ['restorable', 'You deleted the wiki at this address, and can still restore it.'],
] as const)('a name that is %s is told at its field, and is not sent', async (state, reason) => {
  const farm = new Farm()
  farm.names.set('notes', { state })
  const it = form(farm)
  await it.input('address').setValue('notes')
  await expect.poll(() => it.wrong('address')).toBe(reason)
  await it.send()
  await expect.poll(() => document.activeElement).toBe(it.input('address').element)
  expect(farm.sent).toEqual([])
  // Another address is no longer wrong, and goes.
  await it.input('address').setValue('other')
  expect(it.wrong('address')).toBe('')
  await it.send()
  expect(farm.sent).toHaveLength(1)
})

test('a wiki that they deleted is offered back', async () => {
  const farm = new Farm()
  farm.names.set('notes', { state: 'restorable' })
  const it = form(farm)
  expect(it.shown.find('.wf-create__restore').exists()).toBe(false)
  await it.input('address').setValue('notes')
  await expect.poll(() => it.shown.find('.wf-create__restore').exists()).toBe(true)
  const restore = it.shown.get('.wf-create__restore')
  expect(restore.text()).toBe('Restore notes.wiki.test')
  await restore.trigger('click')
  expect(it.shown.emitted('restore')).toEqual([[{ engine: 'fedwiki', address: 'notes.wiki.test' }]])
  expect(farm.sent).toEqual([])
})

test('what can be no address is told without asking; of a domain of their own the farm says why', async () => {
  const farm = new Farm()
  farm.names.set('notes.example', { state: 'invalid', reason: 'No such top-level domain.' })
  const it = form(farm)
  await it.input('address').setValue('-no-')
  expect(it.wrong('address')).toMatch(/^Use 3 to 63 lower-case letters/)
  await it.shown.get('.wf-create__fields > .cdx-checkbox input').setValue(true)
  expect(it.shown.find('.wf-create__suffix').exists()).toBe(false)
  await it.input('address').setValue('notes.example')
  await expect.poll(() => it.wrong('address')).toBe('No such top-level domain.')
  await it.send()
  expect(farm.sent).toEqual([])
  expect(farm.askedFor).not.toContain('-no-')
})

test('nothing is called missing before it was sent', async () => {
  const farm = new Farm()
  const it = form(farm)
  await it.choose('mediawiki')
  expect([it.wrong('name'), it.wrong('address')]).toEqual(['', ''])
  await it.send()
  expect([it.wrong('name'), it.wrong('address')]).toEqual([
    ...['Give the wiki a name.', 'Give the wiki an address.'],
  ])
  await expect.poll(() => document.activeElement).toBe(it.input('name').element)
  await it.input('name').setValue('Notes [old]')
  expect(it.wrong('name')).toMatch(/^A name has no brackets/)
  await it.send()
  expect(farm.sent).toEqual([])
})

test.each([
  ['R&amp;D Notes', /^A name has nothing like &amp; or %20/],
  ['100%25', /^A name has nothing like/],
  ['~~~ Ada', /three tildes/],
  ['../notes', /slash/],
  ['百'.repeat(86), /^A name has 200 characters at most, fewer/],
  ['R&D: Notes', /colons/],
])(
  '%s is told to be no name of a MediaWiki wiki while it is typed, and is one of a FedWiki site',
  async (name, told) => {
    const it = form()
    await it.input('name').setValue(name)
    expect(it.wrong('name')).toBe('')
    await it.choose('mediawiki')
    expect(it.wrong('name')).toMatch(told)
    await it.input('name').setValue('R&D Notes')
    expect(it.wrong('name')).toBe('')
  },
)

test('that nobody could look is told, and is no hindrance', async () => {
  const farm = new Farm()
  farm.nameState = () => Promise.reject(new FarmApiError({ status: 0, code: 'unreachable' }))
  const it = form(farm)
  await it.input('address').setValue('notes')
  await expect.poll(() => it.shown.text()).toContain('We could not look whether it is free')
  await it.send()
  expect(farm.sent).toHaveLength(1)
})

test('sent twice at once, it is one request with one key', async () => {
  const farm = new Farm()
  const held = Promise.withResolvers<undefined>()
  farm.answering = held.promise
  const it = form(farm)
  await it.input('address').setValue('notes')
  await Promise.all([it.send(), it.send()])
  await it.send()
  expect(it.submit.element.disabled).toBe(true)
  expect(it.submit.text()).toBe('Creating …')
  held.resolve(undefined)
  await settled(it)
  expect(farm.sent).toHaveLength(1)
  expect(farm.sent[0]?.key).toMatch(/^[0-9a-f]{32}$/)
  expect(it.shown.emitted('created')).toHaveLength(1)
})

test('the same again after a lost answer has the key of before, also after a reload; another wish has its own', async () => {
  const farm = new Farm()
  const lost = () => new FarmApiError({ status: 0, code: 'unreachable' })
  farm.refusals.push(lost(), lost(), lost())
  const it = form(farm)
  await it.input('address').setValue('notes')
  await it.send()
  await settled(it)
  await it.send()
  await settled(it)
  it.shown.unmount()
  const anew = form(farm)
  await anew.send()
  await settled(anew)
  await anew.input('address').setValue('other')
  await anew.send()
  await settled(anew)
  const [first, second, third, fourth] = farm.sent.map(({ key }) => key)
  expect([second, third]).toEqual([first, first])
  expect(fourth).not.toBe(first)
})

test.each([
  ['name_taken', 409, 'This address is taken. Choose another.'],
  ['quota_reached', 403, 'You have as many wikis of this kind as you may.'],
  ['engine_off', 503, 'This farm does not make wikis of this kind.'],
])('refused with %s, it says so in plain words and keeps what was filled in', async (code, status, text) => {
  const farm = new Farm()
  farm.refusals.push(new FarmApiError({ status, code, detail: 'In its own words.', requestId: 'req-7' }))
  const it = form(farm)
  await it.input('name').setValue('Ada Notes')
  expect(it.refused().exists()).toBe(false)
  await it.send()
  await settled(it)
  expect(it.refused().attributes('role')).toBe('alert')
  for (const part of [text, 'In its own words.', 'req-7']) expect(it.refused().text()).toContain(part)
  await expect.poll(() => document.activeElement).toBe(it.refused().element)
  expect([it.name(), it.address()]).toEqual(['Ada Notes', 'ada-notes'])
  expect(it.shown.emitted('created')).toBeUndefined()
  await it.send()
  await settled(it)
  expect(it.refused().exists()).toBe(false)
  expect(it.shown.emitted('created')).toHaveLength(1)
})

test('whoever has as many as they may is told, and has no button to press', async () => {
  const it = form(new Farm(), { ...options, fedwiki: { ...fedwiki, left: 0 } })
  expect(it.submit.element.disabled).toBe(true)
  expect(it.shown.text()).toContain('You have as many wikis of this kind as you may.')
  await it.choose('mediawiki')
  expect(it.submit.element.disabled).toBe(false)
})

test('what was filled in is there again after a reload, and forgotten once the wiki is made', async () => {
  const it = form()
  await it.choose('mediawiki')
  await it.input('name').setValue('Ada Notes')
  await it.input('address').setValue('garden')
  await it.shown.get('input[name=wf-visibility][value=private]').setValue()
  it.shown.unmount()
  const again = form()
  expect([again.name(), again.address()]).toEqual(['Ada Notes', 'garden'])
  expect(again.shown.get<HTMLInputElement>('input[name=wf-visibility][value=private]').element.checked).toBe(
    true,
  )
  // It was written by hand, and stays so.
  await again.input('name').setValue('Another')
  expect(again.address()).toBe('garden')
  await again.send()
  await settled(again)
  again.shown.unmount()
  const empty = form()
  expect([empty.name(), empty.address()]).toEqual(['', ''])
})

test('a draft of a kind that is not made any more becomes one of a kind that is', async () => {
  const it = form()
  await it.choose('mediawiki')
  await it.input('name').setValue('Ada Notes')
  it.shown.unmount()
  const again = form(new Farm(), { ...options, mediawiki: null })
  expect([again.name(), again.shown.get('.wf-create__suffix').text()]).toEqual(['Ada Notes', '.wiki.test'])
})
