import type { TSchema } from 'typebox'

/** What a schema says of a value, as far as it matters here. */
type Shape = {
  readonly type?: string
  readonly format?: string
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Shape>>
  readonly items?: Shape
  readonly enum?: readonly unknown[]
  readonly maxLength?: number
  /**
   * Capitals make no difference: an id; or a word of a choice, in which neither does `_` for `-`. Said apart from a format, which every
   * message with an id would be checked by, too.
   */
  readonly 'x-lower-case'?: boolean
  /** Blanks around the text make no difference: it is pasted or typed by people. */
  readonly 'x-trim'?: boolean
}

type Change = (value: unknown) => unknown

/**
 * Brings the texts of a value into the form in which they are stored and compared: in NFC, in lower case where the schema says
 * `x-lower-case: true`, without blanks around them where it says `x-trim: true`. A password (`format: password`) stays as it is,
 * for its hash was made of that. Objects and lists are changed in place; what has another type than the schema wants is left to
 * the validator.
 */
export const normalFormOf = (schema: TSchema): Change => changeOf(schema) ?? same

const same: Change = (value) => value

/** Undefined: whatever stands there is left as it is. */
const changeOf = (shape: Shape): Change | undefined => {
  if (shape.type === 'string' || shape['x-lower-case'] === true) return textChange(shape)
  if (shape.properties !== undefined) return objectChange(shape.properties)
  return shape.items === undefined ? undefined : listChange(shape.items, shape.maxItems)
}

const textChange = ({ format, enum: words, 'x-trim': trims, 'x-lower-case': isLower }: Shape): Change | undefined => {
  if (format === 'password') return undefined
  if (isLower === true && words !== undefined) return ofText((text) => text.toLowerCase().replaceAll('_', '-'))
  if (isLower === true) return ofText((text) => text.toLowerCase())
  return ofText(trims === true ? (text) => composed(text.trim()) : composed)
}

/** More marks than a letter has in any language. Putting them in order takes time by the square of their number: minutes for 1 MiB. */
const HEAPED = /\p{M}{100}/u

/** In NFC; a heap of marks stays as it is. */
const composed = (text: string): string => (text.length >= 100 && HEAPED.test(text) ? text : text.normalize())

const ofText =
  (change: (text: string) => string): Change =>
  (value) =>
    typeof value === 'string' ? change(value) : value

const objectChange = (properties: Readonly<Record<string, Shape>>): Change | undefined => {
  const changes = Object.entries(properties).flatMap(([name, shape]) => {
    const change = changeOf(shape)
    return change === undefined ? [] : [[name, change] as const]
  })
  if (changes.length === 0) return undefined
  return (value) => {
    if (typeof value !== 'object' || value === null) return value
    const fields = value as Record<string, unknown>
    for (const [name, change] of changes) if (Object.hasOwn(fields, name)) fields[name] = change(fields[name])
    return value
  }
}

/** A list that is too long is refused for its length: what stands beyond is not looked at. */
const listChange = (items: Shape, most = Infinity): Change | undefined => {
  const change = changeOf(items)
  if (change === undefined) return undefined
  return (value) => {
    if (!Array.isArray(value)) return value
    for (let i = 0; i < value.length && i < most; i++) value[i] = change(value[i])
    return value
  }
}

/**
 * The same value with no list and no text longer than tells that it is too long, for all of it would be looked at. A copy where it
 * must be.
 */
export const shortened = (value: unknown, schema: unknown): unknown => {
  const { properties, items, maxItems = Infinity, maxLength = Infinity } = schema as Shape
  // A character may be two units of a string.
  if (typeof value === 'string') return value.slice(0, 2 * (maxLength + 1))
  if (Array.isArray(value)) {
    const some = value.length > maxItems ? value.slice(0, maxItems + 1) : value
    return items === undefined ? some : some.map((item) => shortened(item, items))
  }
  if (typeof value !== 'object' || value === null || properties === undefined) return value
  const fields = Object.entries(value)
  return Object.fromEntries(
    fields.map(([name, inner]) => [name, Object.hasOwn(properties, name) ? shortened(inner, properties[name]) : inner]),
  )
}
