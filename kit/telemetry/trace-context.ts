import { AsyncLocalStorage } from 'node:async_hooks'
import type { Platform } from '@kit/platform/platform'

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/

/** The trace that a caller has begun (W3C Trace Context), or undefined when there is none or it is malformed. */
export const traceIdOf = (traceparent: string | string[] | undefined): string | undefined => {
  if (typeof traceparent !== 'string') return undefined
  const match = TRACEPARENT.exec(traceparent)
  return match === null || /^0+$/.test(match[1] ?? '') || /^0+$/.test(match[2] ?? '') ? undefined : match[1]
}

/** A new trace id: a UUIDv7 without its dashes, 32 hex digits that sort by time. */
export const newTraceId = (platform: Platform): string => platform.newId().replaceAll('-', '')

/** The next span of a trace, to be handed on. */
export const newTraceparent = (traceId: string, platform: Platform): string =>
  `00-${traceId}-${newTraceId(platform).slice(16)}-01`

/** What every log line of a piece of work carries. */
export type Trace = { readonly trace_id?: string; readonly correlation_id?: string }

const storage = new AsyncLocalStorage<Trace>()

/** Runs `work`, and all that it starts, so that its log lines carry the trace. */
export const withTrace = <T>(trace: Trace, work: () => T): T => storage.run(trace, work)

export const currentTrace = (): Trace | undefined => storage.getStore()
