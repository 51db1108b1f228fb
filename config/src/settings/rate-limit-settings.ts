/** How often somebody may ask the API, and how much of it at once. */
import { about } from './about.ts'
import * as kinds from './kinds.ts'

export const rateLimitSettings = {
  'rate-limits': kinds.yesOrNo.prefault(true).register(about, {
    type: 'boolean',
    meaning:
      'who asks too often, or follows too much at once, is told to wait; requests are counted over Redis where there is one',
  }),
  'rate-limit-user': kinds.wholeNumber(1).prefault(600).register(about, {
    type: 'number',
    meaning: 'requests a minute that a user may make',
  }),
  'rate-limit-address': kinds.wholeNumber(1).prefault(300).register(about, {
    type: 'number',
    meaning: 'requests a minute from one address without a sign-in',
  }),
  'rate-limit-costly': kinds.wholeNumber(1).prefault(30).register(about, {
    type: 'number',
    meaning:
      'how many of these are for each of creating wikis, transfers and sign-ins; looking names up may be four times as many',
  }),
  'tokens-user': kinds.wholeNumber(1).prefault(100).register(about, {
    type: 'number',
    meaning: 'how many tokens a user may have at once',
  }),
  'streams-user': kinds.wholeNumber(1).prefault(100).register(about, {
    type: 'number',
    meaning: 'how many streams of events a user may follow at once in one API process',
  }),
  'streams-process': kinds.wholeNumber(1).prefault(2_000).register(about, {
    type: 'number',
    meaning: 'how many streams of events one API process serves at once',
  }),
}
