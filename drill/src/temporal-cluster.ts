/**
 * Temporal as an operator runs it: its four services apart, two of most, over one PostgreSQL. The members of a service
 * share their port, so each has a loopback address of its own.
 */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Connection } from '@temporalio/client'
import { chooseFreePort } from '@wikistead/processes'
import { setTimeout as sleep } from 'node:timers/promises'
import { accepts, type Ready } from './answers.ts'
import type { Postgres } from './postgres.ts'
import type { TemporalPrograms } from './temporal-programs.ts'
import { Process } from './mortal.ts'

const run = promisify(execFile)

const services = ['frontend', 'history', 'matching', 'worker'] as const
type Service = (typeof services)[number]
interface Ports {
  readonly grpc: number
  readonly membership: number
}

export interface Cluster {
  /** Frontends, histories, matchings and the server's own worker. */
  readonly members: readonly Process[]
  /** Of the frontends, host:port. */
  readonly frontends: readonly string[]
}

const places: readonly (readonly [Service, string])[] = [
  ['frontend', '127.0.8.11'],
  ['history', '127.0.8.21'],
  ['matching', '127.0.8.31'],
  ['worker', '127.0.8.41'],
  ['frontend', '127.0.8.12'],
  ['history', '127.0.8.22'],
  ['matching', '127.0.8.32'],
]

export async function startCluster(
  folder: string,
  { server, sqlTool }: TemporalPrograms,
  postgres: Postgres,
): Promise<Cluster> {
  await mkdir(join(folder, 'config'), { recursive: true })
  await makeTables(sqlTool, postgres)
  const ports = await choosePorts()
  const members: Process[] = []
  for (const [service, address] of places) {
    const name = `${service}-${address.endsWith('2') ? '2' : '1'}`
    await writeFile(join(folder, 'config', `${name}.yaml`), memberConfig(address, ports, postgres))
    const { grpc, membership } = ports[service]
    members.push(
      new Process(`temporal ${name}`, {
        command: server,
        args: [
          ...['--root', folder, '--config', 'config', '--env', name, '--allow-no-auth'],
          ...['start', '--service', service],
        ],
        ...{ env: { HOME: folder }, logFile: join(folder, `${name}.log`) },
        ready: service === 'frontend' ? serves(`${address}:${String(grpc)}`) : accepts(address, membership),
      }),
    )
  }
  // On empty tables two processes that write down the cluster at once fall over each other: one comes first. It answers
  // only once the others are there, so listening is enough.
  const [first, ...others] = members as [Process, ...Process[]]
  await first.start(accepts('127.0.8.11', ports.frontend.grpc))
  await Promise.all(others.map((process) => process.start()))
  const frontends = places
    .filter(([service]) => service === 'frontend')
    .map(([, address]) => `${address}:${String(ports.frontend.grpc)}`)
  return { members, frontends }
}

async function makeTables(sqlTool: string, { port, user }: Postgres): Promise<void> {
  for (const [database, schema] of [
    ['temporal', 'postgresql/v12/temporal'],
    ['temporal_visibility', 'postgresql/v12/visibility'],
  ] as const) {
    const tool = (...args: string[]) =>
      run(sqlTool, [
        ...['--plugin', 'postgres12', '--endpoint', '127.0.0.1', '--port', String(port)],
        ...['--user', user, '--database', database, ...args],
      ])
    await tool('create-database')
    await tool('setup-schema', '--version', '0.0')
    await tool('update-schema', '--schema-name', schema)
  }
}

async function choosePorts(): Promise<Readonly<Record<Service, Ports>>> {
  const ports: Partial<Record<Service, Ports>> = {}
  for (const service of services) {
    ports[service] = {
      grpc: await chooseFreePort('127.0.0.1'),
      membership: await chooseFreePort('127.0.0.1'),
    }
  }
  return ports as Record<Service, Ports>
}

/** JSON is YAML. */
function memberConfig(
  address: string,
  ports: Readonly<Record<Service, Ports>>,
  { port, user }: Postgres,
): string {
  const datastore = (databaseName: string, maxConns: number) => ({
    sql: {
      ...{ pluginName: 'postgres12', databaseName, user, password: '', connectProtocol: 'tcp' },
      ...{
        connectAddr: `127.0.0.1:${String(port)}`,
        maxConns,
        maxIdleConns: maxConns,
        maxConnLifetime: '1h',
      },
    },
  })
  return JSON.stringify(
    {
      log: { stdout: true, level: 'warn' },
      persistence: {
        ...{ defaultStore: 'default', visibilityStore: 'visibility' },
        // Never to be changed once there are tables; 512 is usual where many machines share them.
        numHistoryShards: 16,
        datastores: { default: datastore('temporal', 20), visibility: datastore('temporal_visibility', 5) },
      },
      global: { membership: { maxJoinDuration: '30s', broadcastAddress: address } },
      services: Object.fromEntries(
        services.map((service) => [
          service,
          {
            rpc: {
              ...{ grpcPort: ports[service].grpc, membershipPort: ports[service].membership },
              bindOnIP: address,
            },
          },
        ]),
      ),
      clusterMetadata: {
        ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
        ...{ masterClusterName: 'active', currentClusterName: 'active' },
        clusterInformation: {
          active: {
            ...{ enabled: true, initialFailoverVersion: 1, rpcName: 'frontend' },
            rpcAddress: `127.0.8.11:${String(ports.frontend.grpc)}`,
          },
        },
      },
      dcRedirectionPolicy: { policy: 'noop' },
    },
    undefined,
    2,
  )
}

/** A frontend answers only once it has found the other services. */
function serves(address: string): Ready {
  return async (signal) => {
    for (; ; await sleep(100, undefined, { signal })) {
      const connection = await Connection.connect({ address, connectTimeout: '2s' }).catch(() => undefined)
      if (connection === undefined) continue
      try {
        await connection.workflowService.describeNamespace({ namespace: 'temporal-system' })
        return
      } catch {
        // Not yet.
      } finally {
        await connection.close()
      }
    }
  }
}
