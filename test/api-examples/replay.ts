import { ask } from '../bad-input/ask.ts'
import type { Told } from '../bad-input/ask.ts'

type Json = Readonly<Record<string, any>>

/** One request that the document gives as an example. */
export type Replayable = {
  /** The operationId, and the example's name where there is one. */
  readonly name: string
  readonly id: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json | undefined
  /** Whose sign-in it needs; undefined: nobody's. */
  readonly as: string | undefined
  /** What the document says of the good answers, by status. */
  readonly good: Readonly<Record<string, Json>>
}

/** Every example of an OpenAPI document. Throws where an operation needs what no example gives. */
export const examplesOf = (document: Json): readonly Replayable[] =>
  Object.entries<Json>(document['paths']).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).flatMap(([method, operation]) => examplesOfOne(path, method, operation)),
  )

const examplesOfOne = (template: string, method: string, operation: Json): readonly Replayable[] => {
  const { operationId: id, parameters, requestBody, responses, security } = operation
  const { default: _refusals, ...good } = responses
  const of = (place: string): readonly (readonly [string, string])[] =>
    parameters
      .filter((one: Json) => one['in'] === place && (one['required'] === true || one['example'] !== undefined))
      .map(({ name, example }: Json) => {
        if (example === undefined) throw new Error(`${id}: no example for ${place} ${name}`)
        return [name, String(example)]
      })
  const values = Object.fromEntries(of('path'))
  const path = template.replaceAll(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(String(values[name])))
  const query = new URLSearchParams(Object.fromEntries(of('query'))).toString()
  const bodies = Object.entries<Json>(
    requestBody?.content['application/json']?.examples ?? { '': { value: undefined } },
  )
  if (requestBody?.required === true && bodies[0]?.[1]['value'] === undefined) throw new Error(`${id}: no body`)
  return bodies.map(([name, { value }]) => ({
    name: name === '' ? id : `${id} (${name})`,
    id,
    method: method.toUpperCase(),
    path: query === '' ? path : `${path}?${query}`,
    headers: Object.fromEntries(of('header')),
    body: value,
    as: security.length > 0 ? (operation['x-example-as'] ?? 'customer') : undefined,
    good,
  }))
}

export type Session = { readonly access_token: string; readonly refresh_token: string }

/** Sends it as it stands, but for a refresh token, which nobody has before signing in. */
export const send = (url: string, example: Replayable, session: Session | undefined): Promise<Told> => {
  const { method, path, headers, body } = example
  const sent = body?.['refresh_token'] === undefined ? body : { ...body, refresh_token: session?.refresh_token }
  return ask(url, {
    method,
    path,
    headers: {
      ...headers,
      ...(sent !== undefined && { 'content-type': 'application/json' }),
      ...(example.as !== undefined && { authorization: `Bearer ${session?.access_token}` }),
    },
    body: sent === undefined ? undefined : JSON.stringify(sent),
  })
}

/** Headers that a client acts upon: an answer may carry one only where the document says so. */
const RELIED_ON = ['etag', 'location', 'link', 'retry-after', 'deprecation', 'sunset']

/** Where the answer is not what the document says of it; undefined when it is. */
export const contradiction = ({ name, good }: Replayable, { status, headers, text }: Told): string | undefined => {
  const described = good[status]
  if (described === undefined)
    return `${name}: ${status} is not among ${Object.keys(good).join()}: ${text.slice(0, 300)}`
  const type = /^[^;]*/.exec(String(headers['content-type']))?.[0] ?? ''
  const types = Object.keys(described['content'] ?? {})
  if (text !== '' && !types.includes(type)) return `${name}: ${type} is not among ${types.join()}`
  const told = Object.keys(described['headers'] ?? {}).map((header) => header.toLowerCase())
  const untold = RELIED_ON.filter((header) => headers[header] !== undefined && !told.includes(header))
  const missing = told.filter((header) => headers[header] === undefined)
  if (untold.length > 0) return `${name}: the document does not tell of ${untold.join()}`
  return missing.length > 0 ? `${name}: without ${missing.join()}` : undefined
}
