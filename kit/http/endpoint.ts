import type { Static, TSchema } from 'typebox'

/** Who may call: anyone; any signed-in account; or only the roles listed. */
export type Audience = 'anyone' | 'account' | readonly string[]
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One HTTP operation, declared once in `contracts/`: gives validation, static types and OpenAPI 3.1. */
export type Endpoint<
  Params extends TSchema = TSchema,
  Query extends TSchema = TSchema,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
  Who extends Audience = Audience,
> = {
  readonly method: Method
  /** With `:name` parameters. */
  readonly path: string
  /** One sentence, shown in the API reference. */
  readonly summary: string
  readonly audience: Who
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** The body's text as it was sent is handed over too: what is signed is its bytes, not its meaning. */
  readonly rawBody?: boolean
  /** A form is taken as well, as browsers and mail programs post them; what stands in it is not read. */
  readonly takesForms?: boolean
  /** Requests with the same `Idempotency-Key` are one: whoever lost the answer of the first may send it again. */
  readonly takesKey?: boolean
  readonly answer: Answer
  /** 200 unless said otherwise. */
  readonly status?: number
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
>(
  declaration: Endpoint<Params, Query, Body, Answer, Who>,
): Endpoint<Params, Query, Body, Answer, Who> => declaration

type Shape<T extends TSchema> = TSchema extends T ? unknown : Static<T>

export type AnyEndpoint = Endpoint<any, any, any, any, any>
export type ParamsOf<E> = E extends Endpoint<infer P, any, any, any, any> ? Shape<P> : never
export type QueryOf<E> = E extends Endpoint<any, infer Q, any, any, any> ? Shape<Q> : never
export type BodyOf<E> = E extends Endpoint<any, any, infer B, any, any> ? Shape<B> : never
export type AnswerOf<E> = E extends Endpoint<any, any, any, infer A, any> ? Shape<A> : never
