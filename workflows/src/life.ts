import { workflowInfo } from '@temporalio/workflow'

/** Which life of its task this workflow is; the first, unless whoever started it says otherwise. */
export function currentLife(): { readonly run: number } {
  const run: unknown = workflowInfo().memo?.['run']
  return { run: typeof run === 'number' ? run : 1 }
}
