import { InstanceList } from '@wikistead/contracts'
import { startApiUnderTest } from '@wikistead/test/api-under-test'
import { expect, test } from 'vitest'

test('operators see which processes live, of which builds, and how those stand that do not', async () => {
  await using api = await startApiUnderTest()
  const { instances } = api.store
  const begin = (instanceId: string, build: string) =>
    instances.begin({
      ...{ instanceId, role: 'worker', machine: 'here', host: null, version: '1.0.0', build },
      ...{ address: null, workerIdentity: instanceId, lineage: 'folder', boot: 'boot' },
    })
  for (const [id, build] of [
    ['old', 'a'],
    ['new', 'b'],
    ['cut-off', 'b'],
    ['gone', 'c'],
  ] as const) {
    await begin(id, build)
  }
  await instances.beat('cut-off', { reachesTemporal: false })
  await instances.end('gone')
  const operator = await api.user('olga', 'operator')
  const ask = async (query = '') => {
    const answer = await api.ask('GET', `/v1/instances${query}`, { as: operator })
    return InstanceList.parse(answer.body)
  }
  const { instances: open, builds } = await ask()
  expect(Object.fromEntries(open.map(({ id, state }) => [id, state]))).toEqual({
    ...{ old: 'alive', new: 'alive', 'cut-off': 'without_temporal' },
  })
  expect(builds).toEqual(['1.0.0 (a)', '1.0.0 (b)'])
  expect((await ask('?all=1')).instances.find(({ id }) => id === 'gone')).toMatchObject({ state: 'ended' })
})
