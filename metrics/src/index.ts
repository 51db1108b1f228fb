/** What Prometheus may ask of a process: how long things take, and how they end. */
import type { Engine, Phase, TaskKind } from '@wikistead/contracts'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

export interface PhaseEnd {
  readonly kind: TaskKind
  readonly engine: Engine
  readonly phase: Phase
  readonly outcome: 'succeeded' | 'failed' | 'refused'
  readonly seconds: number
}

export interface HttpAnswer {
  readonly method: string
  /** The route's pattern, never the URL. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface Metrics {
  readonly registry: Registry
  phaseEnded(end: PhaseEnd): void
  answered(answer: HttpAnswer): void
  /** Asked for at each scrape. */
  gauge(name: string, help: string, collect: () => Promise<number>): void
}

const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const phaseSeconds = new Histogram({
    name: 'wikistead_phase_duration_seconds',
    help: 'How long one attempt of a phase took',
    labelNames: ['kind', 'engine', 'phase', 'outcome'],
    buckets: secondsBuckets,
    registers: [registry],
  })
  const attempts = new Counter({
    name: 'wikistead_phase_attempts_total',
    help: 'Attempts of phases by how they ended',
    labelNames: ['kind', 'engine', 'phase', 'outcome'],
    registers: [registry],
  })
  const httpSeconds = new Histogram({
    name: 'wikistead_http_request_duration_seconds',
    help: 'Time to answer a request; of streams, until they end',
    labelNames: ['method', 'route', 'status'],
    buckets: secondsBuckets,
    registers: [registry],
  })
  return {
    registry,
    phaseEnded({ seconds, ...labels }) {
      phaseSeconds.observe({ ...labels }, seconds)
      attempts.inc({ ...labels })
    },
    answered({ seconds, ...labels }) {
      httpSeconds.observe({ ...labels }, seconds)
    },
    gauge(name, help, collect) {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await collect().catch(() => Number.NaN))
        },
      })
    },
  }
}
