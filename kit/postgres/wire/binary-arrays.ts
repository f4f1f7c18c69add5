/** Writes one element; false when the value has no such form, and the server should judge its text. */
type Write = (buffer: Buffer, at: number, value: unknown) => boolean
type Encode = (values: readonly unknown[]) => Buffer | undefined

const NULL = -1
const HEAD = 20

/** One dimension, whether there are nulls, the elements' type, how many, counted from 1. */
const writeHead = (buffer: Buffer, element: number, values: readonly unknown[]): number => {
  const nulls = values.some((value) => value === null || value === undefined) ? 1 : 0
  let at = 0
  for (const head of [1, nulls, element, values.length, 1]) at = buffer.writeInt32BE(head, at)
  return at
}

const fixed =
  (element: number, width: number, write: Write): Encode =>
  (values) => {
    const buffer = Buffer.allocUnsafe(HEAD + values.length * (4 + width))
    let at = writeHead(buffer, element, values)
    for (const value of values) {
      const isNull = value === null || value === undefined
      at = buffer.writeInt32BE(isNull ? NULL : width, at)
      if (isNull) continue
      if (!write(buffer, at, value)) return undefined
      at += width
    }
    return buffer.subarray(0, at)
  }

/** The value of a hexadecimal digit by its character code; 255 for any other character. */
const DIGIT = new Uint8Array(128).fill(255)
for (let digit = 0; digit < 16; digit++) {
  const character = digit.toString(16)
  DIGIT[character.charCodeAt(0)] = digit
  DIGIT[character.toUpperCase().charCodeAt(0)] = digit
}

const uuid: Write = (buffer, at, value) => {
  if (typeof value !== 'string' || value.length !== 36) return false
  let digits = 0
  for (let i = 0, byte = at; i < 36; i += 2) {
    if (i === 8 || i === 13 || i === 18 || i === 23) i++
    const high = DIGIT[value.charCodeAt(i)] ?? 255
    const low = DIGIT[value.charCodeAt(i + 1)] ?? 255
    digits |= high | low
    buffer[byte++] = (high << 4) | low
  }
  return digits < 16
}

/** PostgreSQL counts microseconds from the year 2000. */
const EPOCH = Date.UTC(2000)

const timestamptz: Write = (buffer, at, value) => {
  if (!(value instanceof Date)) return false
  const microseconds = (value.getTime() - EPOCH) * 1000
  if (!Number.isSafeInteger(microseconds)) return false
  const high = Math.floor(microseconds / 2 ** 32)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(microseconds - high * 2 ** 32, at + 4)
  return true
}

/** A string is JSON already; anything else becomes it. */
const json: Encode = (values) => {
  // An array in an array is a dimension.
  if (values.some(Array.isArray)) return undefined
  const texts = values.map((value) => (typeof value === 'string' ? value : jsonOf(value)))
  // Three bytes for each UTF-16 unit are always enough, and cheaper than counting.
  const size = texts.reduce((sum, text) => sum + 4 + 3 * (text?.length ?? 0), HEAD)
  const buffer = Buffer.allocUnsafe(size)
  let at = writeHead(buffer, 114, texts)
  for (const text of texts) {
    const length = text === null ? NULL : buffer.write(text, at + 4)
    buffer.writeInt32BE(length, at)
    at += 4 + Math.max(0, length)
  }
  return buffer.subarray(0, at)
}

const jsonOf = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value))

/**
 * By the array's type (pg_type.oid): those whose text is dear to write or to read. Measured per element, client and server
 * together: uuid 1.0 us instead of 1.9, timestamptz 1.1 instead of 2.5, json of 150 bytes 2.3 instead of 6.7. For text and
 * integers it makes no difference.
 */
const ENCODERS = new Map<number, Encode>([
  [199, json],
  [1185, fixed(1184, 8, timestamptz)],
  [2951, fixed(2950, 16, uuid)],
])

/** An array in the wire's binary form, which the server need not parse; undefined for types and values that have none here. */
export const binaryArray = (type: number | undefined, values: readonly unknown[]): Buffer | undefined =>
  type === undefined ? undefined : ENCODERS.get(type)?.(values)
