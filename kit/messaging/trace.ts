import { traceIdOf, type Trace } from '@kit/telemetry/trace-context'
import type { Cause } from './outgoing.ts'

/** What log lines carry of a message, or of a job that one has led to. Its story is that of its key unless it says another. */
export const traceOf = (key: string, cause: Cause | null): Trace => {
  const trace_id = traceIdOf(cause?.traceparent)
  return {
    ...(trace_id !== undefined && { trace_id }),
    correlation_id: cause?.correlationid ?? key,
    // The cause of what a request has led to is the request, whose id is that of its trace.
    ...(cause?.id !== undefined && cause.id !== trace_id && { message_id: cause.id }),
  }
}
