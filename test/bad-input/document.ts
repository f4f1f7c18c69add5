/** What an OpenAPI document says of a value; only the keywords that this shop's contracts use. */
export type Schema = {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object'
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
}

export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: Schema
}

export type Operation = {
  /** `POST /api/v1/purchases`. */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Parameter[]
  readonly body: Schema | undefined
  /** Whether it takes a form as well, of any content. */
  readonly takesForms: boolean
  /** Whether it wants a token. */
  readonly isGuarded: boolean
}

type Described = {
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> }
  readonly security: readonly unknown[]
}

/** The operations of `/openapi.json`. */
export const operationsOf = (document: {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
}): readonly Operation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters: described.parameters,
      body: described.requestBody?.content['application/json']?.schema,
      takesForms: described.requestBody?.content['multipart/form-data'] !== undefined,
      isGuarded: described.security.length > 0,
    })),
  )
