import { refuse } from '@kit/problem/refusal'
import type { FieldError } from '@kit/problem/refusal'
import { Ajv } from 'ajv'
import type { ErrorObject, Options, ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Refused } from './refused.ts'

/** Mistakes named in one answer. */
const ERRORS_SHOWN = 10

// Not strict about keywords, for schemas also carry documentation; strict about numbers, for 1e309 parses as Infinity.
const ajv = (options: Options): Ajv =>
  addFormats.default(new Ajv({ strict: false, strictNumbers: true, useDefaults: true, verbose: true, ...options }))

// The text of an address has no types, so `?limit=5` is coerced; JSON has types, and "5" is not a number there.
const forText = ajv({ coerceTypes: true, allErrors: true })
// It stops at the first mistake: a list of 10,000 bad lines must not cost 10,000 error objects.
const forBody = ajv({})

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
  return (data) => {
    const check = compiled()
    // A request without a body is one with an empty body.
    const value = data ?? {}
    return check(value) ? { value } : { error: refusalOf(check.errors ?? [], '') }
  }
}

const textCheck = (schema: TSchema, place: string): Check => {
  const compiled = compiledOnUse(forText, schema)
  return (data) => {
    const check = compiled()
    if (!check(data)) return { error: refusalOf(check.errors ?? [], place) }
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

/** A fleet has hundreds of schemas, and its start should not wait for all of them. */
const compiledOnUse = (compiler: Ajv, schema: TSchema): (() => ValidateFunction) => {
  let check: ValidateFunction | undefined
  return () => (check ??= compiler.compile(schema))
}

const tooBig = (pointer: string): Refused => {
  const detail = 'is too big a number'
  return new Refused(refuse('invalid-request', { detail: `${pointer} ${detail}.`, errors: [{ pointer, detail }] }))
}

const refusalOf = (errors: readonly ErrorObject[], place: string): Refused => {
  const told = new Map<string, FieldError>()
  for (const error of errors) {
    const pointer = place === '' ? pointerOf(error) : `${place}: ${pointerOf(error).slice(1)}`
    if (!told.has(pointer)) told.set(pointer, { pointer, detail: sentence(error) })
  }
  const shown = [...told.values()].slice(0, ERRORS_SHOWN)
  const detail = shown.map((error) => `${error.pointer || 'The body'} ${error.detail}`).join('; ')
  return new Refused(refuse('invalid-request', { detail: `${detail}.`, errors: shown }))
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
      return String(params['pattern']) === UUID ? 'must be a UUID in lower case' : formWanted(parentSchema)
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
