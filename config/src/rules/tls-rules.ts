/** What must hold between the settings of encrypted connections; Temporal's are beside its others. */
import type { Rule } from './rule.ts'

const contradiction = 'false, and the authority of its certificate is named: leave it out, or that'

export const tlsRules: readonly Rule[] = [
  {
    setting: 'store-tls',
    reads: ['store-ca-file'],
    broken: ({ storeTls, storeCaFile }) =>
      storeTls === false && storeCaFile !== undefined ? contradiction : undefined,
  },
  {
    setting: 'wiki-db-tls',
    reads: ['wiki-db-ca-file'],
    broken: ({ wikiDbTls, wikiDbCaFile }) =>
      wikiDbTls === false && wikiDbCaFile !== undefined ? contradiction : undefined,
  },
  {
    setting: 'docker-cert-file',
    reads: ['docker-host', 'docker-key-file'],
    broken: ({ dockerHost, dockerCertFile, dockerKeyFile }) =>
      dockerCertFile === undefined && (dockerHost !== undefined || dockerKeyFile !== undefined)
        ? 'missing: without a certificate of ours, whoever reaches the Docker engine has its machine'
        : undefined,
  },
  {
    setting: 'docker-key-file',
    reads: ['docker-cert-file'],
    broken: ({ dockerCertFile, dockerKeyFile }) =>
      dockerCertFile !== undefined && dockerKeyFile === undefined
        ? 'missing, and docker-cert-file is set: name the file that holds its private key'
        : undefined,
  },
]
