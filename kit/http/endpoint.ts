import type { Static, TSchema } from 'typebox'

/** Who may call: anyone; any signed-in account; or only the roles listed. */
export type Audience = 'anyone' | 'account' | readonly string[]
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What an answer is written in. Text and pages are UTF-8. */
export type AnswerType = 'application/json' | 'text/html' | 'text/plain' | 'text/event-stream'

/**
 * A request that works as it stands. A text `{name}` stands for a value that only the described shop knows, such as the id of
 * something that it sells: `openApi` is told them.
 */
export type Example = {
  /** Whose: the name of one of the sign-in's own examples. */
  readonly as?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
}

/** One HTTP operation, declared once in `contracts/`: gives validation, static types and OpenAPI 3.1. */
export type Endpoint<
  Params extends TSchema = TSchema,
  Query extends TSchema = TSchema,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
  Who extends Audience = Audience,
  Headers extends TSchema = TSchema,
  Type extends AnswerType = AnswerType,
> = {
  readonly method: Method
  /** With `:name` parameters. */
  readonly path: string
  /** One sentence, shown in the API reference. */
  readonly summary: string
  readonly audience: Who
  readonly params?: Params
  readonly query?: Query
  /**
   * The headers that the code reads besides Authorization, as an object of texts, with the names as the standards write them
   * (`Idempotency-Key`). A route has no others.
   */
  readonly headers?: Headers
  readonly body?: Body
  /** The body's text as it was sent is handed over too: what is signed is its bytes, not its meaning. */
  readonly rawBody?: boolean
  /** A form is taken as well, as browsers and mail programs post them; what stands in it is not read. */
  readonly takesForms?: boolean
  /** Requests with the same `Idempotency-Key` are one: whoever lost the answer of the first may send it again. */
  readonly takesKey?: boolean
  readonly answer: Answer
  /** JSON unless said otherwise. Of an event stream, `answer` is the data of one event. */
  readonly type?: Type
  /** 200 unless said otherwise. */
  readonly status?: number
  /** Other good answers, without content, and what they mean: `{ 304: 'You have this version already.' }`. */
  readonly empty?: Readonly<Record<number, string>>
  /** Headers of the good answer that clients rely on, as an object of texts. */
  readonly answerHeaders?: TSchema
  /** By name; the first is shown. Needed where a request must say anything. */
  readonly examples?: Readonly<Record<string, Example>>
  /** Codes of the refusals that this operation may answer with, besides the general ones. */
  readonly problems?: readonly string[]
  /** Further ways to the same operation that clients use. */
  readonly aliases?: readonly { readonly method: Method; readonly path: string }[]
}

/** Declares an operation; the schemas' types are kept. */
export const endpoint = <
  Answer extends TSchema,
  const Who extends Audience,
  Params extends TSchema = TSchema,
  Query extends TSchema = TSchema,
  Body extends TSchema = TSchema,
  Headers extends TSchema = TSchema,
  Type extends AnswerType = 'application/json',
>(
  declaration: Endpoint<Params, Query, Body, Answer, Who, Headers, Type>,
): Endpoint<Params, Query, Body, Answer, Who, Headers, Type> => declaration

type Shape<T extends TSchema> = TSchema extends T ? unknown : Static<T>

export type AnyEndpoint = Endpoint<any, any, any, any, any, any, any>
export type ParamsOf<E> = E extends Endpoint<infer P, any, any, any, any, any, any> ? Shape<P> : never
export type QueryOf<E> = E extends Endpoint<any, infer Q, any, any, any, any, any> ? Shape<Q> : never
export type BodyOf<E> = E extends Endpoint<any, any, infer B, any, any, any, any> ? Shape<B> : never
export type AnswerOf<E> = E extends Endpoint<any, any, any, infer A, any, any, any> ? Shape<A> : never
export type AnswerTypeOf<E> = E extends Endpoint<any, any, any, any, any, any, infer T> ? T : never

/** The declared headers under the names that Node has for them, in lower case. One that is not declared does not compile. */
export type HeadersOf<E> =
  E extends Endpoint<any, any, any, any, any, infer H, any>
    ? TSchema extends H
      ? object
      : { readonly [Name in keyof Static<H> as Lowercase<Name & string>]: Static<H>[Name] }
    : never
