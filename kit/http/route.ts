import type { Cause } from '@kit/messaging/outgoing'
import type { Transact } from '@kit/messaging/transact'
import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'
import type { Refusal } from '@kit/problem/refusal'
import type { EventStream } from './event-stream.ts'
import type { AnswerOf, AnswerTypeOf, AnyEndpoint, BodyOf, HeadersOf, ParamsOf, QueryOf } from './endpoint.ts'

/** The signed-in account, proven by its access token. */
export type Caller = { readonly id: string; readonly roles: readonly string[]; readonly session: string }

/** A request whose parts have passed the endpoint's schemas. */
export type Request<E> = {
  readonly params: ParamsOf<E>
  readonly query: QueryOf<E>
  readonly body: BodyOf<E>
  /** The text that the body was read from; only where the endpoint asks for it. */
  readonly rawBody?: string
  /** Absent only where the audience is 'anyone' and no token was sent. */
  readonly caller: E extends { readonly audience: 'anyone' } ? Caller | undefined : Caller
  /** Those that the endpoint declares, by their names in lower case. */
  readonly headers: HeadersOf<E>
  /** For the messages that this request leads to. */
  readonly cause: Cause
  /** Aborted when the client has gone or the server drains. */
  readonly signal: AbortSignal
  /**
   * Aborted when nobody waits for the answer any more: the client has gone, or was told `timeout`. What has not begun by then
   * must not be begun. A server that drains answers what is under way, so that does not abort it.
   */
  readonly closed: AbortSignal
}

/** What a route may use. */
export type Resources = {
  readonly db: Database
  readonly platform: Platform
  readonly transact: Transact
}

/** What is known of a request before its body is read. Its headers have not passed their schema yet. */
export type Arrival<E> = { readonly caller: Caller | undefined; readonly headers: Partial<HeadersOf<E>> }

/** Turns requests away before their body is read, where that is all that a crowd may cost. */
export type Admit<E> = (arrival: Arrival<E>) => Refusal | undefined | Promise<Refusal | undefined>

export type Route = {
  readonly endpoint: AnyEndpoint
  readonly handle: (request: any, resources: Resources) => Promise<unknown>
  readonly admit?: Admit<any> | undefined
}

/**
 * Binds an endpoint to its code: `export const getOrder = route(GetOrder, async ({ params, caller }, { db }) => …)`. `admit` is
 * asked first, once it is known who calls.
 */
export const route = <E extends AnyEndpoint>(
  endpoint: E,
  handle: (
    request: Request<E>,
    resources: Resources,
  ) => Promise<AnswerOf<E> | Reply<AnswerOf<E>> | Refusal | EventsOf<E>>,
  admit?: Admit<E>,
): Route => ({ endpoint, handle, admit })

type EventsOf<E> = 'text/event-stream' extends AnswerTypeOf<E> ? EventStream : never

/** An answer with headers or another status than the endpoint's. */
export type Reply<Answer> = {
  readonly answer: Answer
  readonly status?: number
  readonly headers: Readonly<Record<string, string>>
}
