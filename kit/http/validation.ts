import { meant } from '@kit/config/similar'
import { refuse } from '@kit/problem/refusal'
import type { FieldError } from '@kit/problem/refusal'
import { Ajv } from 'ajv'
import type { ErrorObject, Options, ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { normalFormOf, shortened } from './normal-form.ts'
import { Refused } from './refused.ts'

/** Mistakes named in one answer, and those of them that its sentence tells of. */
const ERRORS_SHOWN = 100
const ERRORS_TOLD = 10

// Not strict about keywords, for schemas also carry documentation; strict about numbers, for 1e309 parses as Infinity.
const ajv = (options: Options): Ajv =>
  addFormats.default(new Ajv({ strict: false, strictNumbers: true, useDefaults: true, verbose: true, ...options }))

// The text of an address has no types, so `?limit=5` is coerced; JSON has types, and "5" is not a number there.
const forText = ajv({ coerceTypes: true, allErrors: true })
// It stops at the first mistake, for most bodies have none. One that has is looked at again by the second, as a whole.
const forBody = ajv({})
const forMistakes = ajv({ allErrors: true })

/** Fastify's validator compiler: a value that does not fit becomes the refusal `invalid-request`. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
  httpPart === 'body'
    ? bodyCheck(schema)
    : httpPart === 'headers'
      ? headersCheck(schema)
      : textCheck(schema, httpPart === 'params' ? 'params' : 'query')

type Check = (data: unknown) => { readonly value: unknown } | { readonly error: Refused }

const bodyCheck = (schema: TSchema): Check => {
  const compiled = compiledOnUse(forBody, schema)
  const thorough = compiledOnUse(forMistakes, schema)
  const normalForm = normalFormOf(schema)
  return (data) => {
    // A request without a body is one with an empty body.
    const value = normalForm(data ?? {})
    if (compiled()(value)) return { value }
    const check = thorough()
    // A list of 10,000 bad lines must not cost 10,000 error objects.
    check(shortened(value, schema))
    return { error: refusalOf(check.errors ?? [], '') }
  }
}

const textCheck = (schema: TSchema, place: string): Check => {
  const compiled = compiledOnUse(forText, schema)
  const normalForm = normalFormOf(schema)
  const strangers = place === 'query' ? strangersTo(schema) : () => []
  return (data) => {
    const check = compiled()
    const isFine = check(normalForm(data))
    const unknown = strangers(data)
    if (!isFine || unknown.length > 0) return { error: refusalOf(check.errors ?? [], place, unknown) }
    // Ajv coerces "1e309" to Infinity, and then no range applies to it.
    const infinite = Object.entries(Object(data)).find(([, value]) => value === Infinity || value === -Infinity)
    return infinite === undefined ? { value: data } : { error: tooBig(`${place}: ${infinite[0]}`) }
  }
}

/** Under the names that the schema has for them, which the caller is told; all others pass. They stay as they came. */
const headersCheck = (schema: TSchema): ((data: unknown) => { readonly error?: Refused }) => {
  const check = textCheck(schema, 'header')
  const names = Object.keys(Object(schema).properties).map((name) => [name, name.toLowerCase()] as const)
  return (data) => {
    const headers = Object(data)
    const sent = names.flatMap(([name, lower]) => (headers[lower] === undefined ? [] : [[name, headers[lower]]]))
    const checked = check(Object.fromEntries(sent))
    return 'error' in checked ? checked : {}
  }
}

/**
 * Finds the parameters that an address has and its operation has not: a filter that has no effect is worse than an error. A query
 * with `additionalProperties: true` takes them: others than we make its address.
 */
const strangersTo = (schema: TSchema): ((data: unknown) => readonly FieldError[]) => {
  const { properties = {}, additionalProperties } = Object(schema)
  const known = Object.keys(properties)
  if (additionalProperties === true) return () => []
  return (data) =>
    Object.keys(Object(data)).flatMap((name) => {
      if (known.includes(name)) return []
      const right = meant(name, known)
      const advice = right === undefined ? knownOnes(known) : `did you mean ${right}?`
      return [{ pointer: `query: ${name.slice(0, 100)}`, detail: `is not a parameter here; ${advice}` }]
    })
}

const knownOnes = (known: readonly string[]): string =>
  known.length === 0 ? 'there are none' : `there ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`

/** A fleet has hundreds of schemas, and its start should not wait for all of them. */
const compiledOnUse = (compiler: Ajv, schema: TSchema): (() => ValidateFunction) => {
  let check: ValidateFunction | undefined
  return () => (check ??= compiler.compile(schema))
}

const tooBig = (pointer: string): Refused => {
  const detail = 'is too big a number'
  return new Refused(refuse('invalid-request', { detail: `${pointer} ${detail}.`, errors: [{ pointer, detail }] }))
}

const refusalOf = (errors: readonly ErrorObject[], place: string, more: readonly FieldError[] = []): Refused => {
  const told = new Map(more.map((error) => [error.pointer, error]))
  for (const error of errors) {
    const pointer = place === '' ? pointerOf(error) : `${place}: ${pointerOf(error).slice(1)}`
    if (!told.has(pointer)) told.set(pointer, { pointer, detail: sentence(error) })
  }
  const all = [...told.values()]
  const detail = all.slice(0, ERRORS_TOLD).map((error) => `${error.pointer || 'The body'} ${error.detail}`)
  if (all.length > ERRORS_TOLD) detail.push(`and ${all.length - ERRORS_TOLD} more`)
  const text = detail.join('; ')
  return new Refused(
    refuse('invalid-request', {
      detail: text.endsWith('?') ? text : `${text}.`,
      errors: all.slice(0, ERRORS_SHOWN),
    }),
  )
}

const pointerOf = ({ instancePath, keyword, params }: ErrorObject): string =>
  keyword === 'required' ? `${instancePath}/${String(params['missingProperty'])}` : instancePath

const sentence = ({ keyword, params, message, parentSchema }: ErrorObject): string => {
  switch (keyword) {
    case 'required':
      return 'is required'
    case 'enum':
      return `must be one of ${JSON.stringify(params['allowedValues'])}`
    case 'pattern':
      return String(params['pattern']) === UUID ? 'must be a UUID' : formWanted(parentSchema)
    default:
      return message ?? 'is not valid'
  }
}

/** A pattern helps no reader; what the schema says of itself does. */
const formWanted = (schema: ErrorObject['parentSchema']): string =>
  typeof schema?.['description'] === 'string'
    ? `does not have its form: ${schema['description'].replace(/\.$/, '')}`
    : 'does not have its form'

/** Spelt out in contracts; recognised here only to say it in words. */
const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
