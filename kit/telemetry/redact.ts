type Fields = Record<string, unknown>

const SECRET = /pass(word|wd|phrase)|secret|token|authorization|cookie|(^|_)card|cvc|cvv|private_?key|api_?key|^jwk$/i
/** Three base64url parts of which the first begins with `{"`: a JWT. */
const JWT = /eyJ[\w-]+\.[\w-]+\.[\w-]*/g
const DEEPEST = 4

/**
 * Log fields without what nobody may read there: fields whose names tell of a secret, and tokens inside texts.
 * Errors become plain fields, so that a driver's extra properties (parameters, rows) stay out.
 */
export const redact = (fields: Fields): Fields => redactObject(fields, 0)

const redactObject = (fields: object, depth: number): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, SECRET.test(name) ? '[redacted]' : redactValue(value, depth)]),
  )

const redactValue = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Error) return errorFields(value, depth)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (depth === DEEPEST) return '[…]'
  return Array.isArray(value) ? value.map((one) => redactValue(one, depth + 1)) : redactObject(value, depth + 1)
}

const redactText = (text: string): string => (text.includes('eyJ') ? text.replace(JWT, '[redacted]') : text)

const errorFields = (error: Error, depth: number): Fields => ({
  type: error.name,
  message: redactText(error.message),
  ...('code' in error && { code: error.code }),
  stack: redactText(error.stack ?? ''),
  ...(error.cause instanceof Error && depth < DEEPEST && { cause: errorFields(error.cause, depth + 1) }),
})
