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
 * A logger whose every line has the time, level, and the trace and correlation id of the work in hand (`withTrace`).
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
        formatters: { level: (label) => ({ level: label }), log: redact },
      },
      human ? humanLines(to) : to,
    ),
  )

const asLogger = (log: Pino): Logger => ({
  debug: (fields, message) => log.debug(fields, message),
  info: (fields, message) => log.info(fields, message),
  warn: (fields, message) => log.warn(fields, message),
  error: (fields, message) => log.error(fields, message),
  // Redacted here: pino writes a child's fields past its formatters.
  child: (fields) => asLogger(log.child(redact(fields))),
})
