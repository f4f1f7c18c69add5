import { pino } from 'pino'
import type { DestinationStream, Logger as Pino } from 'pino'
import { humanLines } from './human-lines.ts'
import { redact } from './redact.ts'
import type { Logger } from './telemetry.ts'
import { currentTrace } from './trace-context.ts'

type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

export type LogOptions = {
  readonly level: LogLevel
  /** Lines for people instead of JSON: for a terminal. */
  readonly human?: boolean
  /** Standard error when absent: standard output is for data. */
  readonly to?: DestinationStream
}

/**
 * A logger whose every line has the time, level, and the trace, story and message of the work in hand (`withTrace`). Each
 * name stands once in a line: what a line says itself counts over what its logger says, and that over the trace.
 * Written at once, so that the last lines before a crash are there.
 */
export const openLog = ({ level, human = false, to = pino.destination({ fd: 2, sync: true }) }: LogOptions): Logger =>
  asLogger(
    pino(
      {
        level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        mixin: () => currentTrace() ?? {},
        formatters: { level: (label) => ({ level: label }), log: (fields) => distinct(redact(fields)) },
      },
      human ? humanLines(to) : to,
    ),
    {},
  )

type Fields = Readonly<Record<string, unknown>>

/** A child is made here: pino would write its fields beside those of the line, and past its formatters. */
const asLogger = (log: Pino, own: Fields): Logger => ({
  debug: (fields, message) => log.debug({ ...own, ...fields }, message),
  info: (fields, message) => log.info({ ...own, ...fields }, message),
  warn: (fields, message) => log.warn({ ...own, ...fields }, message),
  error: (fields, message) => log.error({ ...own, ...fields }, message),
  isDebug: log.isLevelEnabled('debug'),
  child: (fields) => asLogger(log, { ...own, ...fields }),
})

/** What pino itself writes into every line. */
const WRITTEN = ['time', 'level', 'msg']

const distinct = (fields: Record<string, unknown>): Record<string, unknown> => {
  if (!WRITTEN.some((name) => name in fields)) return fields
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [WRITTEN.includes(name) ? `its_${name}` : name, value]),
  )
}
