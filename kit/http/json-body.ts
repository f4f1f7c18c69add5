import { isUtf8 } from 'node:buffer'
import { refuse } from '@kit/problem/refusal'
import type { FieldError } from '@kit/problem/refusal'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refused } from './refused.ts'

const DEPTH_LIMIT = 32

/**
 * Takes JSON bodies as the platform wants them: UTF-8, an empty one counts as `{}` (curl's `--data-raw ''`), nesting is
 * limited, keys that reach for a prototype and strings that PostgreSQL cannot hold are refused.
 */
export const acceptJson = (app: FastifyInstance): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    const text = bytes.toString()
    const body = unreadable(request, bytes) ?? parseJson(text)
    if (request.routeOptions.config.rawBody === true) request.rawBody = text
    if (body instanceof Refused) done(body)
    else done(null, body)
  })
}

/** Takes the two types of form, of any content, as an empty body: for a plugin's own routes, not for those around it. */
export const acceptForms = (app: FastifyInstance): void => {
  for (const type of ['application/x-www-form-urlencoded', 'multipart/form-data']) {
    app.addContentTypeParser(type, { parseAs: 'string', bodyLimit: 10_000 }, (_request, _text, done) => done(null, {}))
  }
}

/** Why the bytes of a body are no text to us. */
const unreadable = ({ headers }: FastifyRequest, bytes: Buffer): Refused | undefined => {
  const coding = headers['content-encoding'] ?? 'identity'
  if (coding.toLowerCase() !== 'identity') return encoded
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(headers['content-type'] ?? '')?.[1]
  if (charset !== undefined && !UTF8.has(charset.toLowerCase())) return otherCharset(charset)
  // Read as UTF-8 all the same, what is none would be stored as U+FFFD.
  return isUtf8(bytes) ? undefined : notUtf8
}

/** And its subset. */
const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii'])

/** RFC 9110, section 8.4: what cannot be decoded is not guessed at. */
const encoded = new Refused(refuse('unsupported-media-type', { detail: 'Send the body without a Content-Encoding.' }))

const otherCharset = (charset: string): Refused =>
  new Refused(
    refuse('unsupported-media-type', { detail: `Send the body in UTF-8; ${charset.slice(0, 40)} is not read.` }),
  )

/** RFC 8259, section 8.1. */
const notUtf8 = new Refused(
  refuse('malformed-json', { detail: 'The body must be UTF-8; this one has bytes that are none.' }),
)

const parseJson = (text: string): unknown => {
  if (text.length === 0) return {}
  if (depthExceeds(text, DEPTH_LIMIT)) return invalid(`The body nests deeper than ${DEPTH_LIMIT} levels.`)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return new Refused(
      refuse('malformed-json', { detail: 'The body must be one JSON value; this one does not parse.' }),
    )
  }
  // Bodies rarely hold any of these, so the walk through the value is rare too. An escape is the only way for
  // a NUL or half a surrogate pair to come in, and may also spell a forbidden key.
  const suspicious = text.includes('\\u') || text.includes('__proto__') || text.includes('"constructor"')
  const offences = suspicious ? offencesIn(body, '').slice(0, OFFENCES_SHOWN) : []
  return offences.length === 0 ? body : invalid(offences[0]?.detail ?? '', offences)
}

const OFFENCES_SHOWN = 100

const invalid = (detail: string, errors?: readonly FieldError[]): Refused =>
  new Refused(refuse('invalid-request', { detail, ...(errors !== undefined && { errors }) }))

/** Whether brackets nest deeper than `limit`; what is inside strings does not count. */
const depthExceeds = (text: string, limit: number): boolean => {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) {
      i = endOfString(text, i)
    } else if (c === OPEN_BRACE || c === OPEN_BRACKET) {
      if (++depth > limit) return true
    } else if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--
  }
  return false
}

const QUOTE = 34
const BACKSLASH = 92
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93
const OPEN_BRACE = 123
const CLOSE_BRACE = 125

/** The index of the quote that closes the string opened at `start`. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
  }
  return text.length
}

/** What the value holds that must not come in: keys that reach for a prototype, text that PostgreSQL cannot store. */
const offencesIn = (value: unknown, pointer: string): readonly FieldError[] => {
  if (typeof value === 'string') return storable(value) ? [] : [{ pointer, detail: UNSTORABLE }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === '__proto__' || (key === 'constructor' && Object(inner).prototype !== undefined)) {
      return [{ pointer, detail: 'The keys __proto__ and constructor.prototype are not allowed.' }]
    }
    return storable(key) ? offencesIn(inner, `${pointer}/${pointerToken(key)}`) : [{ pointer, detail: UNSTORABLE }]
  })
}

const UNSTORABLE = 'Text must not hold NUL or half a surrogate pair.'

const storable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/** RFC 6901, section 3. */
const pointerToken = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1')
