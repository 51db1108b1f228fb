declare module 'wiki-security-passportjs' {
  import type { Security } from './types.d.ts'
  const security: Security
  export default security
}
