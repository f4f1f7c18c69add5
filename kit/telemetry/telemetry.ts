/** Structured logging; pino's shape. Never given tokens, passwords or card data. */
export type Logger = {
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
  /** Whether lines of `debug` are written: to be asked before many are made. Absent: no. */
  readonly isDebug?: boolean
  readonly child: (fields: Readonly<Record<string, unknown>>) => Logger
}
type LogLine = (fields: Readonly<Record<string, unknown>>, message: string) => void

type Labels = Readonly<Record<string, string>>
type Counter = { readonly add: (labels: Labels, n?: number) => void }
type Gauge = { readonly set: (labels: Labels, value: number) => void }
type Histogram = { readonly observe: (labels: Labels, value: number) => void }

/** Prometheus metrics. Names are `argosy_…` in base units; a label never carries an id. Same name twice: same metric. */
export type Metrics = {
  readonly counter: (name: string, help: string, labels?: readonly string[]) => Counter
  readonly gauge: (name: string, help: string, labels?: readonly string[]) => Gauge
  readonly histogram: (name: string, help: string, labels?: readonly string[], buckets?: readonly number[]) => Histogram
  /** Asked at every scrape, for figures that live elsewhere (the database, a pool). */
  readonly collect: (fill: () => Promise<void> | void) => void
}

export type Telemetry = { readonly log: Logger; readonly metrics: Metrics }
