import { traceIdOf, type Trace } from '@kit/telemetry/trace-context'
import type { Cause } from './outgoing.ts'

/** What log lines carry of a message, or of a job that one has led to. Its story is that of its key unless it says another. */
export const traceOf = (key: string, cause: Cause | null): Trace => {
  const trace_id = traceIdOf(cause?.traceparent)
  return { ...(trace_id === undefined ? {} : { trace_id }), correlation_id: cause?.correlationid ?? key }
}
