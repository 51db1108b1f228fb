/**
 * Wake-ups, never truth: they say that a task's log may have grown, and whoever listens asks the store. One too
 * many costs a query; one that is lost is made good by asking the store now and then.
 */
export interface LiveEvents extends AsyncDisposable {
  /** After the commit. Never blocks, never throws. */
  publish(taskId: string): void
  /** Calls `wake` when there may be something new, once for many publishes in a row. Returns the way out. */
  subscribe(taskId: string, wake: () => void): () => void
  /** What a person should know about it; `ok` is false while wake-ups are slower than they should be. */
  readonly health: () => { readonly ok: boolean; readonly detail: string }
}
