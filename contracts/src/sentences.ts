/** What a user reads of a task or a wiki, whatever the engine. Zod-free: workflows import values from here. */
export const sentences = {
  name_taken: 'A site with this name already exists. Please choose a different name.',
  store_unavailable:
    'Our own database could not be reached. Nothing was changed. Please try again in a few minutes.',
  rollback_incomplete:
    'Something went wrong and not everything could be undone yet. The name stays yours while we keep trying.',
  undone: 'It failed, and everything was undone. You can try again.',
  gone: 'It failed, and the site is no longer on the farm.',
  cancelled: 'Cancelled. Everything is as it was before.',
  fault: 'Something went wrong on our side. Please try again or contact support.',
} as const
