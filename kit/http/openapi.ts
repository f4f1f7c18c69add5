import type { TSchema } from 'typebox'
import type { AnyEndpoint } from './endpoint.ts'

export type ApiDescription = {
  readonly title: string
  readonly version: string
  readonly description: string
  /** Operations by the service that owns them. */
  readonly services: Readonly<Record<string, readonly AnyEndpoint[]>>
}

/** The OpenAPI 3.1 document of the endpoints: their schemas are JSON Schema already, so it is only a rearrangement. */
export const openApi = ({
  title,
  version,
  description,
  services,
}: ApiDescription): Readonly<Record<string, unknown>> => {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [service, endpoints] of Object.entries(services)) {
    for (const endpoint of endpoints) {
      for (const { method, path } of [endpoint, ...(endpoint.aliases ?? [])]) {
        const operations = (paths[templateOf(path)] ??= {})
        operations[method.toLowerCase()] = operation(endpoint, { service, method, path })
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: { title, version, description, license: { name: 'MIT', identifier: 'MIT' } },
    tags: Object.keys(services).map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem },
    },
  }
}

/** `/orders/:id` as OpenAPI writes it: `/orders/{id}`. */
const templateOf = (path: string): string => path.replaceAll(/:([A-Za-z_]+)/g, '{$1}')

type Place = { readonly service: string; readonly method: string; readonly path: string }

const operation = (endpoint: AnyEndpoint, { service, method, path }: Place): Readonly<Record<string, unknown>> => {
  const { audience, summary, params, query, body, takesForms = false, answer, status = 200, problems = [] } = endpoint
  const isAlias = path !== endpoint.path || method !== endpoint.method
  return {
    tags: [service],
    operationId: operationId(method, path),
    summary,
    ...(isAlias && { deprecated: true, description: `The same as ${endpoint.method} ${endpoint.path}.` }),
    ...(Array.isArray(audience) && { description: `For the roles ${audience.join(', ')}.` }),
    security: audience === 'anyone' ? [] : [{ bearer: [] }],
    parameters: [...parameters('path', params, path), ...parameters('query', query)],
    ...(body !== undefined && method !== 'GET' && { requestBody: { required: true, content: json(body) } }),
    ...(takesForms && { requestBody: { required: false, content: anyForm } }),
    responses: {
      [status]: { description: 'Done', ...(status !== 204 && { content: json(answer) }) },
      default: { description: refusalsIn(problems), content: problemJson },
    },
  }
}

const operationId = (method: string, path: string): string =>
  method.toLowerCase() +
  path
    .replace(/^\/api\/v\d+/, '')
    .split(/[/_.-]/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(':') ? `By${capital(part.slice(1))}` : capital(part)))
    .join('')

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)

const parameters = (place: 'path' | 'query', schema: TSchema | undefined, path = ''): readonly unknown[] => {
  const properties: Readonly<Record<string, unknown>> = Object(Object(schema).properties)
  const required: readonly string[] = Object(schema).required ?? []
  const undeclared = [...path.matchAll(/:([A-Za-z_]+)/g)].flatMap(([, name = '']) => (name in properties ? [] : [name]))
  return [
    ...Object.entries(properties).map(([name, inner]) => ({
      name,
      in: place,
      // A default makes a parameter optional, whatever the static type says.
      required: place === 'path' || (required.includes(name) && Object(inner).default === undefined),
      schema: inner,
    })),
    ...undeclared.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
  ]
}

const json = (schema: TSchema) => ({ 'application/json': { schema } })

const anyForm = {
  'application/x-www-form-urlencoded': { schema: { type: 'object' } },
  'multipart/form-data': { schema: { type: 'object' } },
}

const problemJson = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }

const refusalsIn = (codes: readonly string[]): string =>
  codes.length === 0
    ? 'A problem (RFC 9457).'
    : `A problem (RFC 9457): ${codes.map((code) => `[${code}](/problems/${code})`).join(', ')}, or one of the general ones.`

const Problem = {
  type: 'object',
  required: ['type', 'title', 'status', 'instance', 'code', 'trace_id'],
  properties: {
    type: { type: 'string', description: 'The page that explains the code.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    trace_id: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'JSON Pointer into the body, or `query: name`, `params: name`.' },
          detail: { type: 'string' },
        },
      },
    },
    retry_after: { type: 'number', description: 'Seconds.' },
  },
}
