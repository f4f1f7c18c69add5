import type { FieldError, Problem, Refusal } from './refusal.ts'

/** What a caller reads of a refusal: RFC 9457 members, then our own. */
export type ProblemDocument = {
  /** The address of the page that explains this code. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  /** The path that was asked for. */
  readonly instance: string
  readonly code: string
  readonly trace_id: string
  readonly errors?: readonly FieldError[]
  /** Seconds. */
  readonly retry_after?: number
}

/** Where a request stands in the logs and on the wire. */
export type Occasion = { readonly path: string; readonly traceId: string }

export const problemDocument = (refusal: Refusal, problem: Problem, at: Occasion): ProblemDocument => ({
  type: `/problems/${refusal.refused}`,
  title: problem.title,
  status: problem.status,
  ...(refusal.detail !== undefined && { detail: refusal.detail }),
  instance: at.path,
  code: refusal.refused,
  trace_id: at.traceId,
  ...(refusal.errors !== undefined && { errors: refusal.errors }),
  ...(refusal.retryAfter !== undefined && { retry_after: refusal.retryAfter }),
})
