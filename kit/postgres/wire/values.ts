import pg from 'pg'
import { binaryArray } from './binary-arrays.ts'

type Parser = (text: string) => unknown

const OID = { int8: 20, xid8: 5069, date: 1082, int8Array: 1016, numeric: 1700 } as const

/** A bigint as a number. Throws beyond 2^53, for a wrong figure is worse than none. */
const safeInteger: Parser = (text) => {
  const number = Number(text)
  if (Number.isSafeInteger(number)) return number
  throw new RangeError(`${text} does not fit a number: select it as text`)
}

const integersOf: Parser = (text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map(safeInteger))

const OWN = new Map<number, Parser>([
  [OID.int8, safeInteger],
  [OID.int8Array, integersOf],
  // A day has no time zone, and a decimal has more digits than a number: both stay text.
  [OID.date, String],
  [OID.numeric, String],
  [OID.xid8, String],
])

/**
 * How the text of a column becomes a value: bigint a number, timestamptz a Date, json parsed; date, numeric, uuid and xid8
 * text.
 */
export const parserFor = (oid: number): Parser => OWN.get(oid) ?? (pg.types.getTypeParser(oid, 'text') as Parser)

/**
 * Parameters as the server reads them, given its types (pg_type.oid) if they are known. Date in ISO 8601, arrays in binary
 * or as array literals, bytes as they are, other objects as JSON, undefined as null.
 */
export const encodeAll = (
  values: readonly unknown[],
  types: readonly number[] | undefined,
): readonly (string | Buffer | null)[] =>
  values.map((value, i) => (Array.isArray(value) ? (binaryArray(types?.[i], value) ?? encode(value)) : encode(value)))

const encode = (value: unknown): string | Buffer | null => {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (Buffer.isBuffer(value)) return value
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (Array.isArray(value)) return arrayLiteral(value)
  return JSON.stringify(value)
}

/** Columns of ids and words are the rule, and have nothing to escape: looked at once instead of text by text. */
const arrayLiteral = (items: readonly unknown[]): string =>
  items.length > 0 && items.every(isText) && !SPECIAL.test(items.join(''))
    ? `{"${items.join('","')}"}`
    : `{${items.map(element).join()}}`

const isText = (value: unknown): value is string => typeof value === 'string'

const element = (value: unknown): string => {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return arrayLiteral(value)
  const text = encode(value)
  if (text === null) return 'NULL'
  if (typeof text !== 'string') return `"\\\\x${text.toString('hex')}"`
  return SPECIAL.test(text) ? `"${text.replace(ALL_SPECIAL, '\\$&')}"` : `"${text}"`
}

const SPECIAL = /["\\]/
const ALL_SPECIAL = /["\\]/g
