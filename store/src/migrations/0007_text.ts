/** What text is looked for in: pieces of names and addresses; and both as a whole, beside all that lists are filtered by. */
import type { StoreMigration, Steps } from './step.ts'

export function text(steps: Steps): StoreMigration {
  return {
    name: '0007_text',
    steps: [
      ...steps.textIndex('wikifarm_wikis', 'text', {
        before: ['wiki_id'],
        of: ['name', 'address'],
        after: ['claim', 'status', 'visibility', 'engine', 'featured', 'owner_id'],
      }),
      steps.table(
        'wikifarm_texts',
        { fragment: `${steps.types.fragment} not null`, wiki_id: `${steps.types.serial} not null` },
        ['fragment', 'wiki_id'],
      ),
    ],
  }
}
