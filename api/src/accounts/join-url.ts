import type { ApiDeps } from '../deps.ts'

/** Where somebody joins by that secret. After `#` it is sent to no server, and stands in no log. */
export const joinUrl = ({ publicUrl }: Pick<ApiDeps, 'publicUrl'>, secret: string): string =>
  `${publicUrl()}/join#${secret}`
