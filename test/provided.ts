/** What `services.ts` starts once for the whole run and every test may `inject`. */
declare module 'vitest' {
  export interface ProvidedContext {
    /** A private MariaDB; root has no password. */
    readonly mariadb: { readonly socketPath: string; readonly port: number }
    /** One Temporal dev server, host:port. */
    readonly temporalAddress: string
    readonly workflowBundlePath: string
  }
}

export {}
