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
    assert.ok(new RegExp(pattern) && new RegExp(pattern, 'u'))
  }
  for (const bad of ['\\p{L}', '\\u0000', '(?=a)b', '[^]', '(a)\\1', 'a*+', '(?<name>a)'])
    assert.equal(portable(bad), false, bad)
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
