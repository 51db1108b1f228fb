/**
 * Where Temporal is, and how we prove who we are to it. The environment variables are Temporal's own, so that a profile of
 * the `temporal` command and these settings mean the same by the same name.
 */
import { about } from './about.ts'
import * as kinds from './kinds.ts'

const fromProfile = "the profile's"

export const temporalSettings = {
  'temporal-address': kinds.hostAndPort.optional().register(about, {
    type: 'host:port',
    env: 'TEMPORAL_ADDRESS',
    default: fromProfile,
    meaning: 'a Temporal server that runs already; without it `start` brings up its own',
  }),
  'temporal-namespace': kinds.text.optional().register(about, {
    type: 'name',
    env: 'TEMPORAL_NAMESPACE',
    default: "`default`, or the profile's",
    meaning: "Temporal's namespace; `wikistead temporal prepare` makes it",
  }),
  'temporal-tls': kinds.yesOrNo.optional().register(about, {
    type: 'boolean',
    env: 'TEMPORAL_TLS',
    default: "true with any of the next five, else the profile's",
    meaning: 'Temporal is asked over TLS',
  }),
  'temporal-tls-ca': kinds.path.optional().register(about, {
    type: 'path',
    env: 'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    default: "the profile's, else the authorities that are trusted anyway",
    meaning: "the certificate of the authority that signed Temporal's, as PEM",
  }),
  'temporal-tls-cert': kinds.path.optional().register(about, {
    type: 'path',
    env: 'TEMPORAL_TLS_CLIENT_CERT_PATH',
    default: fromProfile,
    meaning: 'our own certificate, as PEM, where Temporal wants one (mTLS)',
  }),
  'temporal-tls-key': kinds.path.optional().register(about, {
    type: 'path',
    env: 'TEMPORAL_TLS_CLIENT_KEY_PATH',
    default: fromProfile,
    meaning: 'the private key of `temporal-tls-cert`, as PEM',
  }),
  'temporal-tls-server-name': kinds.text.optional().register(about, {
    type: 'name',
    env: 'TEMPORAL_TLS_SERVER_NAME',
    default: "the host of `temporal-address`, or the profile's",
    meaning: "the name that Temporal's certificate must be for",
  }),
  'temporal-api-key': kinds.secret(1).optional().register(about, {
    type: 'secret',
    env: 'TEMPORAL_API_KEY',
    default: fromProfile,
    secret: true,
    meaning: 'the API key of Temporal Cloud, or another Bearer token',
  }),
  'temporal-metrics-port': kinds.port.optional().register(about, {
    type: 'port',
    default: 'none',
    meaning:
      "where a worker tells the metrics of Temporal's SDK, on this machine only; each process of a machine has its own",
  }),
  'temporal-cli': kinds.path.optional().register(about, {
    type: 'path',
    default: '`temporal` on PATH, else it is downloaded or built',
    meaning: 'the `temporal` program that `start` runs',
  }),
  'temporal-user': kinds.text.prefault('wikistead-temporal').register(about, {
    type: 'name',
    meaning:
      'whom the Temporal of `start` runs as where that is root; `wikistead-temporal` is made when it is missing',
  }),
  'temporal-port': kinds.port.prefault(8433).register(about, {
    type: 'port',
    meaning: 'where the Temporal of `start` listens; 0 takes any free port',
  }),
}
