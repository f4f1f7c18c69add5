/** An expected bad outcome, as data. What status it has is said in the service's `problems.ts`, not here. */
export type Refusal<Code extends string = string> = {
  readonly refused: Code
  /** One sentence for the caller: what was wrong with this request. */
  readonly detail?: string
  /** Where in the request, by JSON Pointer (RFC 6901). */
  readonly errors?: readonly FieldError[]
  /** Seconds after which trying again makes sense. */
  readonly retryAfter?: number
}

export type FieldError = { readonly pointer: string; readonly detail: string }

export const refuse = <const Code extends string>(
  refused: Code,
  rest: Omit<Refusal, 'refused'> = {},
): Refusal<Code> => ({ refused, ...rest })

export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value && typeof value.refused === 'string'

/** What a caller is told of a refusal: its status and title. `type` becomes `/problems/<code>`. */
export type Problem = { readonly status: number; readonly title: string }

/** One entry for every code: `problems.ts` is `{…} satisfies Problems<OrderRefusal['refused']>`. */
export type Problems<Code extends string = string> = Readonly<Record<Code, Problem>>
