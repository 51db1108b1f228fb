/** A scripted farm without our security package, which can only put a suspended site away: a sync must not take that for more. */
import { eventually } from '@wikistead/test/eventually'
import { json, startScriptedFarm, type ScriptedFarm } from '@wikistead/test/scripted-farm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSyncWorld, type SyncWorld } from '../../test/sync-world.ts'

const started = new AsyncDisposableStack()
let farm: ScriptedFarm
let world: SyncWorld
beforeAll(async () => {
  farm = started.use(await startScriptedFarm())
  world = started.use(await startSyncWorld(farm.url, { gated: false }))
})
afterAll(() => started.disposeAsync())

async function made(label: string, serving?: string) {
  const { stack } = world
  const { body } = await stack.call('POST', '/v1/wikis', { engine: 'fedwiki', domain: label })
  const path = `/v1/wikis/${String(body['id'])}`
  if (serving !== undefined) await stack.call('PATCH', path, { serving })
  return { path, domain: `${label}.wiki.localhost` }
}
const shown = async (path: string) => (await world.stack.call('GET', path)).body

test('a site that is put away for a suspension stays a wiki, and is then what it was', async () => {
  const { path, domain } = await made('spam', 'readonly')
  await world.stack.call('PUT', `${path}/suspension`, { reason: 'Spam.' })
  expect(farm.sites.get(domain)?.status).toBe('archived')
  expect((await world.sync()).output).toMatchObject({ success: true, sitesRemoved: 0 })
  expect(await shown(path)).toMatchObject({
    ...{ status: 'active', serving: 'readonly', suspension: { reason: 'Spam.', in_effect: true } },
  })

  // Somebody brings it back there: that is no end of it.
  const site = farm.sites.get(domain)
  if (site !== undefined) site.status = 'active'
  await world.sync()
  expect(await shown(path)).toMatchObject({ serving: 'readonly', suspension: { reason: 'Spam.' } })

  await world.stack.call('DELETE', `${path}/suspension`)
  expect(farm.sites.get(domain)?.status).toBe('readonly')
  await world.sync()
  expect(await shown(path)).toMatchObject({ status: 'active', serving: 'readonly', suspension: null })
})

test('a site that vanished and comes back is suspended still', async () => {
  const { path, domain } = await made('lost')
  await made('kept')
  await world.stack.call('PUT', `${path}/suspension`, { reason: 'Spam.' })
  const site = farm.sites.get(domain)
  farm.sites.delete(domain)
  await world.sync()
  expect(await shown(path)).toMatchObject({ status: 'removed' })
  if (site !== undefined) farm.sites.set(domain, { ...site, status: 'active' })
  await world.sync()
  await eventually(async () =>
    expect(await shown(path)).toMatchObject({
      ...{ status: 'active', serving: 'active', suspension: { reason: 'Spam.', in_effect: true } },
    }),
  )
  expect(farm.sites.get(domain)?.status).toBe('archived')
})

test('a farm that refuses is told of in an alarm, and asked again when the decision is repeated', async () => {
  const { path, domain } = await made('unwilling')
  farm.script({ method: 'PATCH', domain, trouble: json(400, {}) })
  const refused = await world.stack.call('PUT', `${path}/suspension`, { reason: 'Spam.' })
  expect(refused).toMatchObject({ body: { code: 'farm_rejected' } })
  expect(await shown(path)).toMatchObject({ suspension: { reason: 'Spam.', in_effect: false } })
  expect(await world.alarm('suspension_unenforced', domain)).toMatchObject({ cleared_at: null })
  farm.heal()
  const again = await world.stack.call('PUT', `${path}/suspension`, { reason: 'Spam.' })
  expect(again).toMatchObject({ status: 200, body: { suspension: { in_effect: true } } })
  expect(farm.sites.get(domain)?.status).toBe('archived')
  expect((await world.alarm('suspension_unenforced', domain))?.cleared_at ?? 'cleared').not.toBeNull()
})
