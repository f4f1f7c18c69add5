import type { AnyEndpoint } from '../endpoint.ts'
import { operationOf } from './operation.ts'
import type { Samples } from './operation.ts'
import { components } from './components.ts'

/** An operation under the name that its contract gives it: it is the operationId. */
export type NamedEndpoint = { readonly name: string; readonly endpoint: AnyEndpoint }

export type ApiDescription = {
  readonly title: string
  readonly version: string
  readonly description: string
  /** Operations by the service that owns them. */
  readonly services: Readonly<Record<string, readonly NamedEndpoint[]>>
  /** What stands for `{name}` in the examples. */
  readonly samples?: Samples
}

/**
 * The OpenAPI 3.1 document of the endpoints: their schemas are JSON Schema already, so it is little more than a rearrangement.
 * Throws when two operations have one id, and for an example with a `{name}` that has no sample.
 */
export const openApi = (api: ApiDescription): Readonly<Record<string, unknown>> => {
  const { title, version, description, services, samples = {} } = api
  const paths: Record<string, Record<string, unknown>> = {}
  const ids = new Set<string>()
  for (const [service, named] of Object.entries(services)) {
    for (const { name, endpoint } of named) {
      for (const { method, path } of [endpoint, ...(endpoint.aliases ?? [])]) {
        const isAlias = path !== endpoint.path || method !== endpoint.method
        const id = isAlias ? aliasId(name, method, path) : uncapital(name)
        if (ids.has(id)) throw new Error(`two operations have the id ${id}; one is ${method} ${path}`)
        ids.add(id)
        const operations = (paths[templateOf(path)] ??= {})
        operations[method.toLowerCase()] = operationOf(endpoint, { service, id, method, path, isAlias, samples })
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: { title, version, description, license: { name: 'MIT', identifier: 'MIT' } },
    tags: Object.keys(services).map((name) => ({ name })),
    paths,
    components,
  }
}

/** `/orders/:id` as OpenAPI writes it: `/orders/{id}`. */
const templateOf = (path: string): string => path.replaceAll(/:([A-Za-z_]+)/g, '{$1}')

/** `getOrderByPostOrdersIdGet`: unique as method and path are. */
const aliasId = (name: string, method: string, path: string): string =>
  `${uncapital(name)}By${[method.toLowerCase(), ...path.split(/[^A-Za-z0-9]+/)].map(capital).join('')}`

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1)
const uncapital = (word: string): string => word.slice(0, 1).toLowerCase() + word.slice(1)
