/** What must hold between the settings of Temporal. */
import type { Rule } from './rule.ts'

export const temporalRules: readonly Rule[] = [
  {
    setting: 'temporal-tls-key',
    reads: ['temporal-tls-cert'],
    broken: ({ temporalTlsCert, temporalTlsKey }) =>
      temporalTlsCert !== undefined && temporalTlsKey === undefined
        ? 'missing, and temporal-tls-cert is set: name the file that holds its private key'
        : undefined,
  },
  {
    setting: 'temporal-tls-cert',
    reads: ['temporal-tls-key'],
    broken: ({ temporalTlsCert, temporalTlsKey }) =>
      temporalTlsKey !== undefined && temporalTlsCert === undefined
        ? 'missing, and temporal-tls-key is set: name the file that holds the certificate of that key'
        : undefined,
  },
  {
    setting: 'temporal-tls',
    reads: ['temporal-tls-ca', 'temporal-tls-cert', 'temporal-tls-server-name'],
    broken: ({ temporalTls, temporalTlsCa, temporalTlsCert, temporalTlsServerName }) =>
      temporalTls === false && (temporalTlsCa ?? temporalTlsCert ?? temporalTlsServerName) !== undefined
        ? 'false, and other settings say how TLS is to be done: leave it out, or them'
        : undefined,
  },
  {
    setting: 'temporal-metrics-port',
    reads: ['port', 'api-metrics-port', 'worker-metrics-port'],
    broken: ({ temporalMetricsPort, port, apiMetricsPort, workerMetricsPort }) =>
      temporalMetricsPort !== undefined &&
      temporalMetricsPort > 0 &&
      [port, apiMetricsPort, workerMetricsPort].includes(temporalMetricsPort)
        ? "port, api-metrics-port or worker-metrics-port is the same: give Temporal's metrics another"
        : undefined,
  },
]
