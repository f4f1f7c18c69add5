import { setTimeout as sleep } from 'node:timers/promises'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Metric } from 'prom-client'
import type { Metrics } from './telemetry.ts'

/** Seconds, from a millisecond to a minute. */
const LATENCY = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** How long a scrape waits for figures that live elsewhere, in ms. */
const FILL = 2_000

/** A gauge of all who use a broker: its name, its help, its labels. */
export const BROKER_UP = [
  'argosy_broker_up',
  'Whether there is a connection to a broker: 1, or 0.',
  ['broker', 'service'],
] as const

/** Metrics that can be read at `/metrics`. */
export type MetricsRegistry = Metrics & {
  /** Everything in Prometheus' text format, freshly collected. */
  readonly text: () => Promise<string>
  readonly contentType: string
}

/**
 * An empty registry. With `process`, also Node's own figures: event-loop delay, heap, garbage collection, CPU, memory.
 */
export const openMetrics = (options: { readonly process?: boolean } = {}): MetricsRegistry => {
  const registry = new Registry()
  const fills: (() => Promise<void> | void)[] = []
  if (options.process === true) collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 })
  return {
    counter: (name, help, labels = []) => {
      const metric = known(registry, name, Counter) ?? new Counter({ ...of(registry, name, help), labelNames: labels })
      return { add: (values, n = 1) => metric.inc(values, n) }
    },
    gauge: (name, help, labels = []) => {
      const metric = known(registry, name, Gauge) ?? new Gauge({ ...of(registry, name, help), labelNames: labels })
      return { set: (values, value) => metric.set(values, value) }
    },
    histogram: (name, help, labels = [], buckets = LATENCY) => {
      const metric =
        known(registry, name, Histogram) ??
        new Histogram({ ...of(registry, name, help), labelNames: labels, buckets: [...buckets] })
      return { observe: (values, value) => metric.observe(values, value) }
    },
    collect: (fill) => {
      fills.push(fill)
    },
    text: async () => {
      // A figure that cannot be had, or not in time (the database is down or silent), leaves the others readable.
      const late = new AbortController()
      const time = sleep(FILL, undefined, { signal: late.signal }).catch(() => undefined)
      await Promise.race([Promise.allSettled(fills.map(async (fill) => fill())), time])
      late.abort()
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}

const of = (registry: Registry, name: string, help: string) => ({ name, help, registers: [registry] })

const known = <M extends Metric>(
  registry: Registry,
  name: string,
  kind: new (...options: never[]) => M,
): M | undefined => {
  const metric = registry.getSingleMetric(name)
  if (metric === undefined || metric instanceof kind) return metric
  throw new Error(`the metric ${name} is already another kind`)
}
