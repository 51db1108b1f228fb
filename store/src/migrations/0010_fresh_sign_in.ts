/** When a person last showed who they are in a session, and by which name and session the provider knows it. */
import type { StoreMigration, Steps } from './step.ts'

export function freshSignIn(steps: Steps): StoreMigration {
  const { name, number } = steps.types
  return {
    name: '0010_fresh_sign_in',
    steps: [
      steps.column('wikifarm_sessions', 'proven_at', number),
      steps.column('wikifarm_sessions', 'provider_subject', name),
      steps.column('wikifarm_sessions', 'provider_session', name),
      steps.index('wikifarm_sessions', 'provider_session', ['provider_session']),
    ],
  }
}
