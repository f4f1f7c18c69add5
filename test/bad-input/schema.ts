// A second, small opinion on JSON Schema, so that the validator under test is not asked whether it is right.
import type { Schema } from './document.ts'

/** A number as it is typed, for those that JavaScript cannot hold. */
export class Typed {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** JSON text, typed numbers as they are. */
export const textOf = (value: unknown): string => {
  const typed: string[] = []
  const text = JSON.stringify(value, (_key, inner) => {
    if (!(inner instanceof Typed)) return inner
    typed.push(inner.text)
    return `@typed ${typed.length - 1}@`
  })
  return text.replaceAll(/"@typed (\d+)@"/g, (_all, n) => typed[Number(n)] ?? '')
}

/** Whether the value fits, nested ones as well. */
export const fits = (value: unknown, schema: Schema): boolean => {
  if (value instanceof Typed) return schema.type === undefined
  if (schema.enum !== undefined) return schema.enum.includes(value)
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && fitsText(value, schema)
    case 'integer':
      return Number.isInteger(value) && fitsRange(Number(value), schema)
    case 'number':
      return typeof value === 'number' && fitsRange(value, schema)
    case 'boolean':
      return typeof value === 'boolean'
    case 'array':
      return Array.isArray(value) && fitsList(value, schema)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value) && fitsObject(value, schema)
    case undefined:
      break
  }
  return true
}

const fitsText = (value: string, { minLength = 0, maxLength = Infinity, pattern }: Schema): boolean => {
  const length = Array.from(value).length
  return length >= minLength && length <= maxLength && (pattern === undefined || new RegExp(pattern, 'u').test(value))
}

const fitsRange = (value: number, { minimum = -Infinity, maximum = Infinity }: Schema): boolean =>
  value >= minimum && value <= maximum

const fitsList = (values: readonly unknown[], { items = {}, minItems = 0, maxItems = Infinity }: Schema): boolean =>
  values.length >= minItems && values.length <= maxItems && values.every((value) => fits(value, items))

const fitsObject = (value: object, { properties = {}, required = [] }: Schema): boolean => {
  const fields = new Map(Object.entries(value))
  return (
    required.every((name) => fields.has(name) || properties[name]?.default !== undefined) &&
    Object.entries(properties).every(([name, schema]) => !fields.has(name) || fits(fields.get(name), schema))
  )
}

/** Patterns of the contracts and a text that has their form. */
const FORMS: readonly string[] = [
  '01930000-0000-7000-8000-000000000001',
  'USD',
  'nobody@example.test',
  '123456',
  '4242424242424242',
]

/** A value that fits: what surrounds the one mistake of a case. Throws for a pattern that it has no text for. */
export const sampleOf = (schema: Schema): unknown => {
  if (schema.enum !== undefined) return schema.enum[0]
  switch (schema.type) {
    case 'string': {
      const candidates = ['x'.repeat(Math.max(1, schema.minLength ?? 1)), ...FORMS]
      const fitting = candidates.find((text) => fitsText(text, schema))
      if (fitting === undefined) throw new Error(`no sample for ${schema.pattern}: add one to FORMS`)
      return fitting
    }
    case 'integer':
    case 'number':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    case 'array':
      return [sampleOf(schema.items ?? {})]
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, sampleOf(inner)]))
    case undefined:
      break
  }
  return null
}
