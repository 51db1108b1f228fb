/** What this process and the one that begins commands for it say to each other. */

export interface BeginOptions {
  readonly env: Readonly<Record<string, string>>
  readonly cwd?: string
  /** In a session of its own, so that it outlives us. */
  readonly detached?: boolean
  readonly uid?: number
  readonly gid?: number
  /** Whether its output is wanted; else it has none. */
  readonly output?: boolean
}

export type ToStarter =
  | {
      readonly begin: number
      readonly command: string
      readonly args: readonly string[]
      readonly options: BeginOptions
    }
  | { readonly kill: number }

export type FromStarter =
  | { readonly begun: number }
  /** It could not be begun. */
  | { readonly failed: number; readonly code: string; readonly message: string }
  | { readonly output: number; readonly stream: 'stdout' | 'stderr'; readonly chunk: Uint8Array }
  /** It has ended, and all of its output was told; null: by a signal. */
  | { readonly ended: number; readonly code: number | null }
