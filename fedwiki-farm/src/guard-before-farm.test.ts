import { eventually } from '@wikistead/test/eventually'
import { readdir, stat } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminToken, startFarmUnderTest, type FarmUnderTest } from '../test/farm-under-test.ts'
import { adminHost, ask, sendRaw, type Asked } from '../test/guard-under-test.ts'
import { Visitor } from '../test/visitor.ts'
import { startGuard, type Guard } from './guard.ts'

describe('before the real farm, the guard', () => {
  let running: FarmUnderTest
  let guard: Guard

  beforeAll(async () => {
    running = await startFarmUnderTest()
    guard = await startGuard({ listen: { host: '127.0.0.1', port: 0 }, farm: running.farm })
  })
  afterAll(async () => {
    await guard.close()
    await running[Symbol.asyncDispose]()
  })

  const at = (domain: string) => `http://${domain}:${guard.port}`
  const control = (path: string, asked: Asked = {}) =>
    ask(guard.port, adminHost, path, {
      ...asked,
      headers: {
        authorization: `Bearer ${adminToken}`,
        ...(asked.body !== undefined && { 'content-type': 'application/json' }),
        ...asked.headers,
      },
    })
  const owner = { name: 'alice', oauth2: { id: 'alice', username: 'alice' } }
  const create = (domain: string) =>
    control('/plugin/farmmanager/sites', { method: 'POST', body: JSON.stringify({ domain, owner }) })

  test('keeps it unharmed by the Hosts that end it', async () => {
    for (const host of ['__proto__', 'constructor', 'prototype', '..', '../..']) {
      const head = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      expect((await sendRaw(guard.port, head)).status).toBe(400)
    }
    expect((await control('/plugin/farmmanager/sites')).status).toBe(200)
    expect(running.farm.state).toMatchObject({ kind: 'ready', restarts: 0 })
  })

  test('lets the control plane make, change and remove a site', async () => {
    expect((await create('made.wiki.test')).status).toBe(201)
    const path = '/plugin/farmmanager/sites/made.wiki.test'
    expect(JSON.parse((await control(path)).body)).toMatchObject({ name: 'made.wiki.test', owner })
    const readonly = { method: 'PATCH', body: '{"status":"readonly"}' }
    expect((await control(path, readonly)).status).toBe(200)
    expect((await control(`${path}?hard=true`, { method: 'DELETE' })).status).toBe(200)
    expect(await control(path)).toMatchObject({ status: 404, body: '{"error":"Site not found"}' })
  })

  test('lets no call out of the folder of one site, even with the token', async () => {
    expect((await create('kept.wiki.test')).status).toBe(201)
    const before = await readdir(running.folder, { recursive: true })
    for (const path of ['%2F', '%2e%2e', '..%2Fhome', '%2e', '']) {
      const removed = await control(`/plugin/farmmanager/sites/${path}?hard=true`, { method: 'DELETE' })
      expect([path, removed.status]).toEqual([path, 400])
    }
    for (const domain of ['../escaped', '/', 'a/b', '__proto__', '.'])
      expect((await create(domain)).status).toBe(400)
    for (const override of ['DELETE', 'PATCH']) {
      const headers = { 'x-http-method-override': override }
      const path = '/plugin/farmmanager/sites/kept.wiki.test'
      expect((await control(path, { method: 'POST', headers })).status).toBe(400)
    }
    expect(await readdir(running.folder, { recursive: true })).toEqual(before)
  })

  test('leaves a `_method` in a body alone, which the farm leaves alone as well', async () => {
    const site = at('body-method.wiki.test')
    expect((await create('body-method.wiki.test')).status).toBe(201)
    await expect.poll(async () => (await new Visitor().ask(site)).status).not.toBe(400)
    const path = '/plugin/farmmanager/sites/body-method.wiki.test?hard=true'
    const body = JSON.stringify({ _method: 'DELETE' })
    expect((await control(path, { method: 'POST', body })).status).toBe(404)
    expect((await stat(running.folderOf('body-method.wiki.test'))).isDirectory()).toBe(true)
  })

  test('serves FarmManager on no site, not even to the token', async () => {
    expect((await create('plain.wiki.test')).status).toBe(201)
    const headers = { authorization: `Bearer ${adminToken}` }
    const answer = await ask(guard.port, 'plain.wiki.test', '/plugin/farmmanager/sites', { headers })
    expect(answer).toMatchObject({ status: 404, body: '{"error":"Nothing is served here."}' })
  })

  test('lets a site be read by anyone and written by its owner', async () => {
    expect((await create('notes.wiki.test')).status).toBe(201)
    const site = at('notes.wiki.test')
    await expect.poll(async () => (await new Visitor().ask(`${site}/system/slugs.json`)).status).toBe(200)
    const link = new URL(running.ownerLink('notes.wiki.test', 'alice'))
    const alice = new Visitor()
    expect((await alice.open(site + link.pathname + link.search)).status).toBe(200)
    expect(await alice.writePage(site, 'first-page', 'Hello through the guard')).toBe(200)
    const read = await new Visitor().ask(`${at('NOTES.wiki.test')}/first-page.json`)
    expect(read.body).toContain('Hello through the guard')
    expect(await new Visitor().writePage(site, 'second-page', 'x')).toBe(403)
  })

  test('answers in words while the farm is killed, and serves again when it is back', async () => {
    expect((await create('patient.wiki.test')).status).toBe(201)
    const visit = () => ask(guard.port, 'patient.wiki.test', '/system/slugs.json')
    await expect.poll(async () => (await visit()).status).toBe(200)
    process.kill(running.farm.state.pid as number, 'SIGKILL')
    const seen = new Set<number | undefined>()
    await eventually(async () => {
      const { status, body } = await visit()
      seen.add(status)
      if (status !== 200) expect(body).toMatch(/^\{"error":"The wiki farm .+\."\}$/)
      expect([status, running.farm.state.restarts]).toEqual([200, 1])
    }, 50)
    expect([...seen].every((status) => [200, 502, 503].includes(status as number))).toBe(true)
    expect(seen).toContain(503)
  })
})
