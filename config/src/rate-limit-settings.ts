/** How often somebody may ask the API. */
import { about } from './about.ts'
import * as kinds from './kinds.ts'

export const rateLimitSettings = {
  'rate-limits': kinds.yesOrNo.prefault(true).register(about, {
    type: 'boolean',
    meaning: 'who asks too often is told to wait; counted over Redis where there is one',
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
}
