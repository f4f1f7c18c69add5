import type { TSchema } from 'typebox'
import type { AnyEndpoint, Example } from '../endpoint.ts'

/** Values for the `{name}` of examples. */
export type Samples = Readonly<Record<string, unknown>>

type Place = {
  readonly service: string
  readonly id: string
  readonly method: string
  readonly path: string
  readonly isAlias: boolean
  readonly samples: Samples
}

type Examples = Readonly<Record<string, Example>>

type Json = Readonly<Record<string, unknown>>

/** One operation of the document, as it is at one of its addresses. */
export const operationOf = (endpoint: AnyEndpoint, { service, id, method, path, isAlias, samples }: Place): Json => {
  const { audience, summary, params, query, headers, body, takesForms = false, problems = [] } = endpoint
  const examples: Examples = filled(endpoint.examples ?? {}, samples)
  const first: Example = Object.values(examples)[0] ?? {}
  const needsToken = audience !== 'anyone'
  const description = [
    ...(isAlias ? [`The same as ${endpoint.method} ${endpoint.path}.`] : []),
    ...(Array.isArray(audience) ? [`For the roles ${audience.join(', ')}.`] : []),
    ...(needsToken && first.as !== undefined ? [`The example is for the sign-in \`${first.as}\`.`] : []),
  ]
  return {
    tags: [service],
    operationId: id,
    summary,
    ...(isAlias && { deprecated: true }),
    ...(description.length > 0 && { description: description.join(' ') }),
    security: needsToken ? [{ bearer: [] }] : [],
    ...(needsToken && first.as !== undefined && { 'x-example-as': first.as }),
    parameters: [
      ...parameters('path', params, first.params, path),
      ...parameters('query', query, first.query),
      ...parameters('header', headers, first.headers),
    ],
    ...(body !== undefined && method !== 'GET' && { requestBody: jsonBody(body, examples) }),
    ...(takesForms && { requestBody: { required: false, content: anyForm } }),
    responses: { ...goodAnswers(endpoint), default: refusals(problems) },
  }
}

const parameters = (
  place: 'path' | 'query' | 'header',
  schema: TSchema | undefined,
  example: Json = {},
  path = '',
): readonly Json[] => {
  const properties: Readonly<Record<string, Json>> = Object(Object(schema).properties)
  const required: readonly string[] = Object(schema).required ?? []
  const undeclared = [...path.matchAll(/:([A-Za-z_]+)/g)].flatMap(([, name = '']) => (name in properties ? [] : [name]))
  return [
    ...Object.entries(properties).map(([name, { description, ...inner }]) => ({
      name,
      in: place,
      // A default makes a parameter optional, whatever the static type says.
      required: place === 'path' || (required.includes(name) && inner['default'] === undefined),
      ...(description !== undefined && { description }),
      ...(inner['deprecated'] === true && { deprecated: true }),
      schema: inner,
      ...(name in example && { example: example[name] }),
    })),
    ...undeclared.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
  ]
}

const jsonBody = (schema: TSchema, examples: Examples): Json => {
  const values = Object.entries(examples).flatMap(([name, { body }]) =>
    body === undefined ? [] : [[name, { value: body }]],
  )
  const sent = asSent(schema)
  // A body that may be empty may be left out.
  const required = sent['required'] !== undefined
  return {
    required,
    content: {
      'application/json': { schema: sent, ...(values.length > 0 && { examples: Object.fromEntries(values) }) },
    },
  }
}

/** As one may send it: what has a default may be left out, although the code finds it there. */
const asSent = (schema: unknown): Json => {
  const { required, properties, items, ...rest } = Object(schema)
  const inner = Object.entries<Json>(Object(properties))
  const needed: readonly string[] = (required ?? []).filter(
    (name: string) => Object(properties)[name]?.default === undefined,
  )
  return {
    ...rest,
    ...(needed.length > 0 && { required: needed }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(inner.map(([name, value]) => [name, asSent(value)])),
    }),
    ...(items !== undefined && { items: asSent(items) }),
  }
}

const anyForm = {
  'application/x-www-form-urlencoded': { schema: { type: 'object' } },
  'multipart/form-data': { schema: { type: 'object' } },
}

const goodAnswers = ({
  answer,
  type = 'application/json',
  status = 200,
  empty = {},
  answerHeaders,
}: AnyEndpoint): Json => {
  const headers = Object.entries<Json>(Object(Object(answerHeaders).properties)).map(
    ([name, { description, ...schema }]) => [name, { description, schema }] as const,
  )
  const told = headers.length > 0 && { headers: Object.fromEntries(headers) }
  return {
    [status]: {
      description: type === 'text/event-stream' ? 'Events; the data of each is JSON, described here.' : 'Done',
      ...told,
      ...(status !== 204 && { content: { [type]: { schema: answer } } }),
    },
    ...Object.fromEntries(Object.entries(empty).map(([other, description]) => [other, { description, ...told }])),
  }
}

const refusals = (codes: readonly string[]): Json => ({
  description:
    codes.length === 0
      ? 'A problem (RFC 9457).'
      : `A problem (RFC 9457): ${codes.map((code) => `[${code}](/problems/${code})`).join(', ')}, or one of the general ones.`,
  headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } },
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const filled = (value: any, samples: Samples): any => {
  if (typeof value === 'string') return sampleFor(value, samples)
  if (Array.isArray(value)) return value.map((inner) => filled(inner, samples))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filled(inner, samples)]))
}

const sampleFor = (text: string, samples: Samples): unknown => {
  const name = /^\{(\w+)\}$/.exec(text)?.[1]
  if (name === undefined) return text
  if (!Object.hasOwn(samples, name)) throw new Error(`an example stands on ${text}, of which there is no sample`)
  return samples[name]
}
