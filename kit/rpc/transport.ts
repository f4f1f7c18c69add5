import type { Procedure } from './procedure.ts'

/** What travels with a request besides its data. */
export type Trip = {
  /** Milliseconds from now after which nobody waits any more. */
  readonly deadline: number
  /** The trace that the call is part of: 32 hex digits. */
  readonly traceId: string | undefined
}

/** The way to a procedure; undefined when this transport does not know where its service runs. */
export type Transport = (procedure: Procedure) => ((request: unknown, trip: Trip) => Promise<unknown>) | undefined
