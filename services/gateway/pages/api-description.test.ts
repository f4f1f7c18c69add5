import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApi } from '@kit/http/openapi/document'
import { placeholders } from '@argosy/contracts/examples'
import { readContracts } from '../contracts.ts'

type Json = Readonly<Record<string, any>>

const services = Object.fromEntries(await readContracts())
const document: Json = JSON.parse(
  JSON.stringify(openApi({ title: 'Argosy', version: 'v1', description: '', services, samples: placeholders })),
)
const operations = Object.values<Json>(document['paths']).flatMap((methods) => Object.values<Json>(methods))

/** Every object of the document that is a schema or holds one, with where it stands. */
const everything = (value: unknown, at = ''): readonly (readonly [string, Json])[] =>
  typeof value !== 'object' || value === null
    ? []
    : [[at, value], ...Object.entries(value).flatMap(([name, inner]) => everything(inner, `${at}/${name}`))]

const parts = everything(document)

test('every operation has a name of its own', () => {
  const ids = operations.map(({ operationId }) => operationId)
  assert.ok(ids.length > 45, String(ids.length))
  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) assert.match(id, /^[a-z][A-Za-z0-9]+$/)
})

/** What ECMAScript with and without `u`, RE2, Rust, Python, Java and .NET read alike. */
const portable = (pattern: string): boolean => {
  const plain = pattern.replaceAll(/\\(x[0-9a-f]{2}|[sSdDwW]|[\^$.|?*+()[\]{}\\/-])/g, '_')
  return !plain.includes('\\') && !plain.includes('[^]') && !/\(\?(?!:)/.test(plain) && !/[*+?}]\+/.test(plain)
}

test('patterns are ones that the engines of other languages read', () => {
  const patterns = parts.flatMap(([at, { pattern }]) => (typeof pattern === 'string' ? [[at, pattern] as const] : []))
  assert.ok(patterns.length > 30, String(patterns.length))
  for (const [at, pattern] of patterns) {
    assert.ok(portable(pattern), `${at}: ${pattern}`)
    for (const flags of ['', 'u']) assert.doesNotThrow(() => new RegExp(pattern, flags))
  }
  for (const bad of ['\\p{L}', '\\u0000', '(?=a)b', '[^]', '(a)\\1', 'a*+', '(?<name>a)'])
    assert.equal(portable(bad), false, bad)
})

/** Long texts that nearly fit many a pattern. */
const nearly = ['', 'a@', '"'].flatMap((head) =>
  ['a', 'b.', ' ', '1', '1-', '"",'].flatMap((part) =>
    ['\x7f', '\x00', '@'].map((end) => head + part.repeat(5_000) + end),
  ),
)

/** Milliseconds: the least of three, for others use the machine too. */
const took = (pattern: string, text: string): number => {
  const form = new RegExp(pattern, 'u')
  const times = [1, 2, 3].map(() => {
    const began = performance.now()
    form.test(text)
    return performance.now() - began
  })
  return Math.min(...times)
}

test('no pattern takes longer than its text is long', () => {
  const patterns = new Set(parts.map(([, { pattern }]) => pattern).filter((one) => typeof one === 'string'))
  assert.ok(patterns.size > 10, String(patterns.size))
  for (const pattern of patterns) for (const text of nearly) assert.ok(took(pattern, text) < 20, pattern)
  const again = '^[^\\x00]*[^\\s\\x00][^\\x00]*$'
  assert.ok(took(again, `${'a'.repeat(15_000)}\x00`) > 20)
})

test('what has a default may be left out of a request', () => {
  const sent = operations.flatMap(({ operationId, parameters, requestBody }) => [
    ...parameters.map((one: Json) => [
      `${operationId}/${one['name']}`,
      { properties: { it: one['schema'] }, required: one['required'] ? ['it'] : [] },
    ]),
    ...everything(requestBody?.content ?? {}, operationId),
  ])
  let seen = 0
  for (const [at, { properties, required = [] }] of sent) {
    for (const [name, schema] of Object.entries<Json>(Object(properties))) {
      if (schema['default'] === undefined) continue
      seen++
      assert.equal(required.includes(name), false, `${at}/${name}`)
    }
  }
  assert.ok(seen > 5, String(seen))
})

/** Every property and parameter of every operation. */
const named: readonly (readonly [at: string, name: string, schema: Json])[] = operations.flatMap(
  ({ operationId, parameters, requestBody, responses }) => [
    ...parameters.map(
      ({ name, schema, ...rest }: Json) => [`${operationId}/${rest['in']}`, name, { ...rest, ...schema }] as const,
    ),
    ...everything({ requestBody, responses }, operationId).flatMap(([at, { type, properties }]) =>
      type === 'object'
        ? Object.entries<Json>(Object(properties)).map(([name, schema]) => [at, name, schema] as const)
        : [],
    ),
  ],
)

/** The names that are meant to be used: not those that older clients know. */
const current = named.filter(([, , { deprecated }]) => deprecated !== true)

test('names are in snake case, and headers as their standards write them', () => {
  assert.ok(current.length > 300, String(current.length))
  for (const [at, name, schema] of current) {
    if (schema['in'] === 'header' || name.startsWith('webhook-')) continue
    assert.match(name, /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/, at)
  }
})

/** Whether the pattern lets the text through, and not just any. */
const isFormOf = ({ pattern }: Json, text: string): boolean =>
  typeof pattern === 'string' && new RegExp(pattern, 'u').test(text) && !new RegExp(pattern, 'u').test('x')

test('a currency is a currency_code, with or without more before it', () => {
  const codes = current.filter(([, , schema]) => isFormOf(schema, 'USD'))
  assert.ok(codes.length > 10, String(codes.length))
  for (const [at, name] of codes) assert.match(name, /(^|_)currency_code$/, at)
  for (const [at, name] of current) assert.doesNotMatch(name, /currency(?!_code$)/, at)
})

test("a thing's own id is id, and that of another is its name and _id", () => {
  /** Mail about a purchase or an account, whichever it is. */
  const either = ['about']
  const ids = current.filter(([, name, schema]) => isFormOf(schema, placeholders.product_id) && !either.includes(name))
  assert.ok(ids.length > 100, String(ids.length))
  for (const [at, name] of ids) assert.match(name, /^(id|[a-z_]+_id)$/, at)
  for (const [at, name] of current) assert.doesNotMatch(name, /^id_|Id$/, at)
})

test('a moment is at, or says what was when and ends with _at', () => {
  for (const [at, name, { format }] of current)
    assert.equal(/(^|_)at$/.test(name), format === 'date-time', `${at}/${name}`)
})

test('the words of a choice are in lower case with hyphens, but for names of fields and of standards', () => {
  let seen = 0
  for (const [at, name, schema] of named) {
    const words: readonly unknown[] = schema['enum'] ?? (schema['const'] === undefined ? [] : [schema['const']])
    for (const word of words) {
      seen++
      // RFC 7517 and RFC 8037 have their own.
      if (/publishKeys/.test(at)) continue
      const form = name === 'sort' ? /^-?[a-z]+(_[a-z]+)*$/ : /^[a-z]+(-[a-z]+)*$/
      assert.match(String(word), form, `${at}/${name}`)
    }
  }
  assert.ok(seen > 60, String(seen))
})

test('what older clients know says under which name it is now', () => {
  const old = named.filter(([, , { deprecated }]) => deprecated === true)
  assert.ok(old.length > 10, String(old.length))
  for (const [at, name, { description = '' }] of old) {
    if (name === 'categoty') continue
    const [, today = ''] = /^The same as ([a-z_]+)\.$/.exec(description) ?? []
    assert.ok(
      named.some(([place, other]) => place === at && other === today),
      `${at}/${name}: ${description}`,
    )
  }
})
