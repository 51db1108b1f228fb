import { describe, expect, test } from 'vitest'
import { founderCommand, readFounder } from './founder.ts'
import { ProvisioningFault } from '../faults/provisioning-fault.ts'

describe('what is run to make a wiki’s founder', () => {
  test('holds the name in its environment, and never among its arguments', () => {
    const argv = ['php', 'maintenance/run', 'makeFounder']
    expect(founderCommand({ name: '--conf=/etc/passwd' })).toEqual({
      argv,
      env: { WIKISTEAD_FOUNDER: '--conf=/etc/passwd' },
    })
    expect(founderCommand({ name: 'Ada', userId: 7, account: 42 }).env).toEqual({
      ...{ WIKISTEAD_FOUNDER: 'Ada', WIKISTEAD_USER: '7', WIKISTEAD_ACCOUNT: '42' },
    })
    expect(founderCommand({ name: 'Ada', userId: 7 })).toEqual({
      argv,
      env: { WIKISTEAD_FOUNDER: 'Ada', WIKISTEAD_USER: '7' },
    })
  })

  test('does not make another name of one that no environment can hold', () => {
    expect(founderCommand({ name: 'A\0da' }).env).toEqual({ WIKISTEAD_FOUNDER: 'A\u0001da' })
  })
})

describe('what it says', () => {
  const line = '{"user":"Ada \\"L\\"","user_id":2,"groups":["bureaucrat","member","sysop"]}'

  test('is the founder as the wiki’s database has them', () => {
    const founder = { user: 'Ada "L"', userId: 2, groups: ['bureaucrat', 'member', 'sysop'] }
    expect(readFounder([line])).toEqual(founder)
    expect(readFounder(['Deprecated: something', '{not json', '{}', line, ''])).toEqual(founder)
  })

  test.each([
    [[]],
    [['']],
    [['done.']],
    [['null']],
    [['{"user":"","user_id":2,"groups":["sysop","bureaucrat"]}']],
    [['{"user":"Ada","user_id":0,"groups":["sysop","bureaucrat"]}']],
    [['{"user":"Ada","user_id":"2","groups":["sysop","bureaucrat"]}']],
    [['{"user":"Ada","user_id":2,"groups":"sysop,bureaucrat"}']],
    [['{"user":"Ada","user_id":2}']],
  ])('is a fault when it names nobody: %j', (lines) => {
    expect(() => readFounder(lines)).toThrow(
      new ProvisioningFault('MediaWiki did not say who the wiki’s founder is.', 'founder_unread'),
    )
  })

  test('is refused when it is another account than the hub’s', () => {
    expect(readFounder([line], 2)).toMatchObject({ userId: 2 })
    expect(() => readFounder([line], 3)).toThrow(
      expect.objectContaining({ code: 'identity_needed', details: { promoted: 2 } }),
    )
  })

  test.each(['sysop', 'bureaucrat'])('is a fault when only %s was given', (group) => {
    expect(() => readFounder([JSON.stringify({ user: 'Ada', user_id: 2, groups: [group] })])).toThrow(
      new ProvisioningFault('The founder is not the wiki’s sysop and bureaucrat.', 'founder_not_promoted'),
    )
  })
})
