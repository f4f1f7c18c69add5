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

/**
 * What every log line of a piece of work carries. Work on several stories at once carries what they have in common, and
 * their correlation and message ids while they are few.
 */
export type Trace = {
  readonly trace_id?: string
  readonly correlation_id?: string
  readonly correlation_ids?: readonly string[]
  /** The message that is handled, or that has led to the job. */
  readonly message_id?: string
  readonly message_ids?: readonly string[]
}

const storage = new AsyncLocalStorage<() => Trace>()

/** Runs `work`, and all that it starts, so that its log lines carry the trace. A function is asked at the first line. */
export const withTrace = <T>(trace: Trace | (() => Trace), work: () => T): T => storage.run(once(trace), work)

export const currentTrace = (): Trace | undefined => storage.getStore()?.()

const once = (trace: Trace | (() => Trace)): (() => Trace) => {
  if (typeof trace !== 'function') return () => trace
  let known: Trace | undefined
  return () => (known ??= trace())
}

/** A line that names more stories than this tells nobody anything. */
const FEW = 10

/** The trace of work on several stories at once. */
export const commonTrace = (stories: readonly Trace[]): Trace => {
  const traces = new Set(stories.map(({ trace_id }) => trace_id))
  const correlations = new Set(stories.flatMap(({ correlation_id }) => correlation_id ?? []))
  const messages = new Set(stories.flatMap(({ message_id }) => message_id ?? []))
  const [trace_id] = traces
  const [correlation_id] = correlations
  const [message_id] = messages
  return {
    ...(traces.size === 1 && trace_id !== undefined && { trace_id }),
    ...(correlations.size === 1 && correlation_id !== undefined && { correlation_id }),
    ...(correlations.size > 1 && correlations.size <= FEW && { correlation_ids: [...correlations] }),
    ...(messages.size === 1 && message_id !== undefined && { message_id }),
    ...(messages.size > 1 && messages.size <= FEW && { message_ids: [...messages] }),
  }
}
