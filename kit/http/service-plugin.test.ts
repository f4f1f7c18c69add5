import assert from 'node:assert/strict'
import { test } from 'node:test'
import { markFault } from '@kit/fault/fault'
import { openServer } from '@kit/http-server/server'
import type { InjectOptions } from 'fastify'
import Type from 'typebox'
import { refuse } from '@kit/problem/refusal'
import { endpoint } from './endpoint.ts'
import { eventStream } from './event-stream.ts'
import { route } from './route.ts'
import type { Caller, Route } from './route.ts'
import { servicePlugin } from './service-plugin.ts'
import { noDatabase, surroundings, verifierOf } from './test-surroundings.ts'

const ada: Caller = { id: 'ada', roles: ['customer'], session: 's1' }
const root: Caller = { id: 'root', roles: ['admin'], session: 's2' }
const UUID = '0190a5e4-0000-7000-8000-00000000000f'

const Uuid = Type.String({
  'x-lower-case': true,
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
})

const Buy = endpoint({
  method: 'POST',
  path: '/things',
  summary: 'Buy things',
  audience: 'account',
  query: Type.Object({ hint: Type.Optional(Type.String()) }),
  body: Type.Object({
    order_items: Type.Array(
      Type.Object({ product_id: Uuid, quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }),
      { minItems: 1, maxItems: 100 },
    ),
    note: Type.Optional(Type.String({ maxLength: 200 })),
  }),
  headers: Type.Object({ 'X-VIP': Type.Optional(Type.String({ pattern: '^(yes|no)$', description: 'yes or no' })) }),
  answer: Type.Object({ id: Type.String(), lines: Type.Integer() }),
  status: 201,
  problems: ['sold-out'],
})

const Look = endpoint({
  method: 'GET',
  path: '/things/:id',
  summary: 'Look at a thing',
  audience: 'account',
  params: Type.Object({ id: Uuid }),
  query: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }) }),
  answer: Type.Object({ id: Type.String(), limit: Type.Integer(), owner: Type.String() }),
  aliases: [{ method: 'POST', path: '/old/things/:id' }],
})

const Close = endpoint({
  method: 'DELETE',
  path: '/things/:id',
  summary: 'Close a thing',
  audience: ['admin'],
  answer: Type.Null(),
  status: 204,
})

const Greet = endpoint({
  method: 'GET',
  path: '/greeting',
  summary: 'Greet',
  audience: 'anyone',
  answer: Type.Object({ hello: Type.String() }),
})

const buy = route(Buy, async ({ body }) =>
  body.note === 'gone'
    ? refuse('sold-out', { detail: 'Nothing left.', retryAfter: 3 })
    : { id: 't', lines: body.order_items.length },
)
const look = route(Look, async ({ params, query, caller }) => {
  const secret = { id: params.id, limit: query.limit, owner: caller.id, password_hash: 'never' }
  return { answer: secret, headers: { etag: '"7"' } }
})
const close = route(Close, async () => null)
const greet = route(Greet, async ({ caller }) => ({ hello: caller?.id ?? 'stranger' }))

const shop = async (routes: readonly Route[] = [buy, look, close, greet], deadline?: number) => {
  const around = surroundings()
  const server = openServer({ ...around, ...(deadline !== undefined && { deadline }) })
  const problems = { 'sold-out': { status: 409, title: 'Sold out' } }
  const verifier = verifierOf({ ada, root })
  const resources = noDatabase(around.platform)
  await server.app.register(servicePlugin({ ...around, name: 'shop', routes, problems, resources, verifier }))
  const call = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, rest: InjectOptions = {}, as = 'ada') => {
    const headers = { ...(as !== '' && { authorization: `Bearer ${as}` }), ...rest.headers }
    const answer = await server.app.inject({ method, url, ...rest, headers })
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, json: () => answer.json() }
  }
  return { ...around, call, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const json = { 'content-type': 'application/json' }
const line = { product_id: UUID, quantity: 1 }

test('a good request is answered with the declared status and only the declared fields', async () => {
  await using open = await shop()
  const bought = await open.call('POST', '/things', { payload: { order_items: [line, line], surprise: true } })
  assert.deepEqual([bought.status, bought.json()], [201, { id: 't', lines: 2 }])
  const seen = await open.call('GET', `/things/${UUID}?limit=5`)
  assert.deepEqual([seen.status, seen.json()], [200, { id: UUID, limit: 5, owner: 'ada' }])
  assert.equal(seen.headers['etag'], '"7"')
  assert.equal(seen.headers['cache-control'], 'no-store')
  const closed = await open.call('DELETE', `/things/${UUID}`, {}, 'root')
  assert.deepEqual([closed.status, closed.text], [204, ''])
})

test('a header is checked by its schema under whatever case it comes, and only a declared one can be read', async () => {
  await using open = await shop()
  const call = (vip: string) =>
    open.call('POST', '/things', { headers: { ...json, 'x-vip': vip }, payload: { order_items: [line] } })
  assert.equal((await call('yes')).status, 201)
  const detail = 'does not have its form: yes or no'
  assert.deepEqual((await call('perhaps')).json().errors, [{ pointer: 'header: X-VIP', detail }])
  route(Buy, async ({ headers }) => {
    // @ts-expect-error: this is what holds the document and the code together
    return { id: String(headers['idempotency-key'] ?? headers['x-vip']), lines: 0 }
  })
  // @ts-expect-error: one that declares none has none
  route(Greet, async ({ headers }) => ({ hello: String(headers['x-vip']) }))
  // @ts-expect-error: an event stream is declared as one
  route(Greet, async () => eventStream(async function* () {}))
})

test('an empty body with JSON content type counts as {}', async () => {
  await using open = await shop()
  const answer = await open.call('POST', `/old/things/${UUID}`, { headers: json, payload: '' })
  assert.deepEqual([answer.status, answer.json().limit], [200, 20])
  const bare = await open.call('POST', '/things', { headers: json, payload: '' })
  assert.deepEqual([bare.status, bare.json().errors], [400, [{ pointer: '/order_items', detail: 'is required' }]])
})

test('a refusal becomes a problem with its page, status and trace', async () => {
  await using open = await shop()
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` }
  const answer = await open.call('POST', '/things?hint=x', { headers, payload: { order_items: [line], note: 'gone' } })
  assert.equal(answer.status, 409)
  assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
  assert.equal(answer.headers['retry-after'], '3')
  assert.equal(answer.headers['x-request-id'], trace)
  assert.deepEqual(answer.json(), {
    type: '/problems/sold-out',
    title: 'Sold out',
    status: 409,
    detail: 'Nothing left.',
    instance: '/things',
    code: 'sold-out',
    trace_id: trace,
    retry_after: 3,
  })
})

const badBodies: readonly (readonly [string, string, string, string?])[] = [
  [
    'quantity 0',
    `{"order_items":[{"product_id":"${UUID}","quantity":0}]}`,
    'invalid-request',
    '/order_items/0/quantity',
  ],
  [
    'quantity -1',
    `{"order_items":[{"product_id":"${UUID}","quantity":-1}]}`,
    'invalid-request',
    '/order_items/0/quantity',
  ],
  [
    '2^64-4',
    `{"order_items":[{"product_id":"${UUID}","quantity":18446744073709551612}]}`,
    'invalid-request',
    '/order_items/0/quantity',
  ],
  [
    '1e309',
    `{"order_items":[{"product_id":"${UUID}","quantity":1e309}]}`,
    'invalid-request',
    '/order_items/0/quantity',
  ],
  [
    'a number as text',
    `{"order_items":[{"product_id":"${UUID}","quantity":"1"}]}`,
    'invalid-request',
    '/order_items/0/quantity',
  ],
  [
    'a fraction',
    `{"order_items":[{"product_id":"${UUID}","quantity":1.5}]}`,
    'invalid-request',
    '/order_items/0/quantity',
  ],
  [
    'not a UUID',
    `{"order_items":[{"product_id":"1 or 1=1","quantity":1}]}`,
    'invalid-request',
    '/order_items/0/product_id',
  ],
  ['no items', '{"order_items":[]}', 'invalid-request', '/order_items'],
  [
    '10,000 items',
    JSON.stringify({ order_items: Array.from({ length: 10_000 }, () => 0) }),
    'invalid-request',
    '/order_items',
  ],
  ['null', 'null', 'invalid-request', '/order_items'],
  ['a list', '[]', 'invalid-request', ''],
  ['NaN', '{"order_items":NaN}', 'malformed-json'],
  ['broken JSON', '{"order_items":[', 'malformed-json'],
  ['two values', '{}{}', 'malformed-json'],
  ['deep JSON', '['.repeat(100_000), 'invalid-request'],
  ['__proto__', '{"__proto__":{"admin":true},"order_items":[]}', 'invalid-request', ''],
  ['an escaped __proto__', '{"\\u005f_proto__":{"admin":true}}', 'invalid-request', ''],
  ['constructor.prototype', '{"a":{"constructor":{"prototype":{}}}}', 'invalid-request', '/a'],
  ['NUL in text', '{"order_items":[],"note":"a\\u0000b"}', 'invalid-request', '/note'],
  ['half a surrogate pair', '{"order_items":[],"note":"\\ud800"}', 'invalid-request', '/note'],
  ['too much', `{"note":"${'x'.repeat(1_100_000)}"}`, 'payload-too-large'],
]

for (const [name, payload, code, pointer] of badBodies) {
  test(`bad body: ${name}`, async () => {
    await using open = await shop()
    const answer = await open.call('POST', '/things', { headers: json, payload })
    assert.equal(answer.json().code, code)
    assert.ok(answer.status >= 400 && answer.status < 500, `status ${answer.status}`)
    if (pointer !== undefined) assert.equal(answer.json().errors[0].pointer, pointer)
  })
}

test('what is fine is not refused: brackets in text, a surrogate pair, 32 levels', async () => {
  await using open = await shop()
  const note = `{"order_items":[{"product_id":"${UUID}","quantity":1}],"note":"${'['.repeat(100)}\\"\\\\\\ud83d\\ude00"}`
  assert.equal((await open.call('POST', '/things', { headers: json, payload: note })).status, 201)
  const deep = `{"order_items":[{"product_id":"${UUID}","quantity":1}],"x":${'['.repeat(31)}${']'.repeat(31)}}`
  assert.equal((await open.call('POST', '/things', { headers: json, payload: deep })).status, 201)
})

test('what is wrong in the address is named by its place', async () => {
  await using open = await shop()
  const id = await open.call('GET', '/things/not-an-id')
  assert.deepEqual([id.status, id.json().errors], [400, [{ pointer: 'params: id', detail: 'must be a UUID' }]])
  const limit = await open.call('GET', `/things/${UUID}?limit=1000`)
  assert.deepEqual([limit.status, limit.json().errors], [400, [{ pointer: 'query: limit', detail: 'must be <= 100' }]])
  const twice = await open.call('GET', `/things/${UUID}?limit=1&limit=2`)
  assert.deepEqual([twice.status, twice.json().errors[0].pointer], [400, 'query: limit'])
  for (const url of ['/things/%00', '/things/%zz', `/things/${'x'.repeat(5000)}`, `/things/${UUID}?limit=1e309`]) {
    const { status, headers } = await open.call('GET', url)
    assert.deepEqual(
      [url.slice(0, 20), status, headers['content-type']],
      [url.slice(0, 20), status === 404 ? 404 : 400, 'application/problem+json; charset=utf-8'],
    )
  }
})

test('all mistakes of a body are told together, each by its place', async () => {
  await using open = await shop()
  const errorsOf = async (payload: unknown) =>
    (await open.call('POST', '/things', { headers: json, payload: JSON.stringify(payload) })).json()
  const order_items = [{ product_id: 'x', quantity: 0 }, { product_id: UUID, quantity: 1 }, { quantity: '1' }]
  const { detail, errors } = await errorsOf({ order_items, note: 7 })
  assert.deepEqual(errors, [
    { pointer: '/order_items/0/product_id', detail: 'must be a UUID' },
    { pointer: '/order_items/0/quantity', detail: 'must be >= 1' },
    { pointer: '/order_items/2/product_id', detail: 'is required' },
    { pointer: '/order_items/2/quantity', detail: 'must be integer' },
    { pointer: '/note', detail: 'must be string' },
  ])
  assert.match(detail, /^\/order_items\/0\/product_id must be a UUID; .*; \/note must be string\.$/)
  // A list too long is told with what else is wrong; how much of it is looked at has an end, and so has what is told.
  const many = await errorsOf({ order_items: Array.from({ length: 10_000 }, () => ({ quantity: 0 })), note: 7 })
  const pointers = many.errors.map(({ pointer }: { pointer: string }) => pointer)
  assert.deepEqual([pointers.length, pointers.includes('/order_items')], [100, true])
  assert.match(many.detail, /; and 1\d\d more\.$/)
  const twice = await open.call('POST', '/things', { headers: json, payload: '{"a":"\\u0000","note":["\\ud800"]}' })
  assert.deepEqual(
    twice.json().errors.map(({ pointer }: { pointer: string }) => pointer),
    ['/a', '/note/0'],
  )
})

test('of a text that is too long no more is looked at than tells that', async () => {
  // What stands between the two is tried in every way: a second for 40,000 letters.
  const name = Type.String({ maxLength: 10, pattern: '^a*a*b$' })
  const body = Type.Object({ name, word: Type.Enum(['half-way'], { 'x-lower-case': true }) })
  const Call = endpoint({ ...Greet, method: 'POST', path: '/calls', body })
  await using open = await shop([route(Call, async () => ({ hello: '' }))])
  const began = performance.now()
  // Marks on one letter, which NFC puts in order one by one.
  for (const long of ['a'.repeat(200_000), `a${'\u0301'.repeat(100_000)}${'\u0316'.repeat(100_000)}`]) {
    const payload = JSON.stringify({ name: long, word: 'HALF_WAY' })
    const answer = await open.call('POST', '/calls', { headers: json, payload })
    assert.deepEqual(answer.json().errors[0], { pointer: '/name', detail: 'must NOT have more than 10 characters' })
    assert.equal(answer.json().errors.length, 1)
  }
  assert.ok(performance.now() - began < 1_000)
})

test('a parameter that the operation has not is refused, with the one that was meant', async () => {
  await using open = await shop()
  const told = async (url: string, as?: string) => {
    const answer = await open.call('GET', url, {}, as)
    return [answer.status, answer.json().errors]
  }
  assert.deepEqual(await told(`/things/${UUID}?limt=5`), [
    400,
    [{ pointer: 'query: limt', detail: 'is not a parameter here; did you mean limit?' }],
  ])
  assert.deepEqual(await told(`/things/${UUID}?page=2&limit=0`), [
    400,
    [
      { pointer: 'query: page', detail: 'is not a parameter here; there is limit' },
      { pointer: 'query: limit', detail: 'must be >= 1' },
    ],
  ])
  assert.deepEqual(await told('/greeting?verbose=1&__proto__=1'), [
    400,
    [
      { pointer: 'query: verbose', detail: 'is not a parameter here; there are none' },
      { pointer: 'query: __proto__', detail: 'is not a parameter here; there are none' },
    ],
  ])
})

test('an operation may take any parameter', async () => {
  const query = Type.Object({}, { additionalProperties: true })
  const Return = endpoint({ ...Greet, path: '/return', query })
  await using open = await shop([route(Return, async () => ({ hello: '' }))])
  assert.equal((await open.call('GET', '/return?scope=email')).status, 200)
})

test('a body is UTF-8: of another charset 415, with bytes that are none 400', async () => {
  await using open = await shop()
  const whole = JSON.stringify({ order_items: [line], note: 'é' })
  const send = async (type: string, payload: Buffer) => {
    const answer = await open.call('POST', '/things', { headers: { 'content-type': type }, payload })
    return [answer.status, answer.json().code]
  }
  const latin1 = Buffer.from(whole, 'latin1')
  assert.deepEqual(await send('application/json', latin1), [400, 'malformed-json'])
  assert.deepEqual(await send('application/json; charset=utf-8', latin1), [400, 'malformed-json'])
  for (const charset of ['iso-8859-1', 'UTF-16', '"windows-1252"'])
    assert.deepEqual(await send(`application/json; charset=${charset}`, latin1), [415, 'unsupported-media-type'])
  for (const charset of ['UTF-8', '"utf-8"', 'utf8'])
    assert.equal((await send(`application/json;charset=${charset}`, Buffer.from(whole)))[0], 201)
})

test('ids are taken in capitals, and text in any of its forms; a password stays as it is', async () => {
  const Text = Type.Object({ text: Type.String() })
  const Say = endpoint({
    ...Greet,
    method: 'POST',
    path: '/say/:id',
    params: Type.Object({ id: Uuid }),
    query: Type.Object({ other: Uuid, q: Type.String() }),
    body: Type.Object({
      ids: Type.Array(Uuid, { maxItems: 2 }),
      mail: Type.String({ 'x-trim': true, maxLength: 3 }),
      inner: Text,
      secret: Type.String({ format: 'password' }),
    }),
  })
  const say = route(Say, async ({ params, query, body }) => ({ hello: JSON.stringify({ params, query, body }) }))
  await using open = await shop([say])
  const [composed, decomposed] = ['\u00e9', 'e\u0301']
  const body = (id: string, text: string) => ({ ids: [id], mail: text, inner: { text }, secret: decomposed })
  const payload = { ...body(UUID.toUpperCase(), decomposed), mail: ` ${decomposed}\t\n` }
  const url = `/say/${UUID.toUpperCase()}?other=${UUID.toUpperCase()}&q=${encodeURIComponent(decomposed)}`
  const answer = await open.call('POST', url, { payload })
  assert.deepEqual(JSON.parse(answer.json().hello), {
    params: { id: UUID },
    query: { other: UUID, q: composed },
    body: body(UUID, composed),
  })
})

test('other content types are refused', async () => {
  await using open = await shop()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense', 'application/json, text/plain']) {
    const answer = await open.call('POST', '/things', { headers: { 'content-type': type }, payload: '{}' })
    assert.deepEqual([type, answer.status, answer.json().code], [type, 415, 'unsupported-media-type'])
  }
  const charset = await open.call('POST', '/things', {
    headers: { 'content-type': 'application/json; charset=utf-8' },
    payload: JSON.stringify({ order_items: [line] }),
  })
  assert.equal(charset.status, 201)
})

test('who may call is decided before the body is read', async () => {
  await using open = await shop()
  const broken = { headers: json, payload: '{' }
  const nobody = await open.call('POST', '/things', broken, '')
  assert.deepEqual([nobody.status, nobody.headers['www-authenticate']], [401, 'Bearer realm="argosy"'])
  const forged = await open.call('POST', '/things', broken, 'forged')
  assert.deepEqual(
    [forged.status, forged.headers['www-authenticate']],
    [401, 'Bearer realm="argosy", error="invalid_token"'],
  )
  const customer = await open.call('DELETE', `/things/${UUID}`)
  assert.deepEqual([customer.status, customer.json().code], [403, 'forbidden'])
  assert.deepEqual((await open.call('GET', '/greeting', {}, 'forged')).json(), { hello: 'stranger' })
  assert.deepEqual((await open.call('GET', '/greeting')).json(), { hello: 'ada' })
})

test('a malformed traceparent begins a new trace', async () => {
  await using open = await shop()
  for (const traceparent of ['x', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, `00-${'a'.repeat(32)}`]) {
    const answer = await open.call('GET', '/greeting', { headers: { traceparent } })
    assert.match(String(answer.headers['x-request-id']), /^(?!0{32}|a{32})[0-9a-f]{32}$/)
  }
})

test('an unknown address is 404, a wrong method 405 with allow', async () => {
  await using open = await shop()
  assert.equal((await open.call('GET', '/nowhere')).json().code, 'not-found')
  const wrong = await open.call('PUT', `/things/${UUID}`)
  assert.deepEqual([wrong.status, wrong.headers['allow']], [405, 'DELETE, GET, HEAD'])
})

test('a fault is logged and told without its message', async () => {
  const broken = route(Greet, async () => {
    throw new Error('select secret from table')
  })
  await using open = await shop([broken])
  const answer = await open.call('GET', '/greeting')
  assert.deepEqual([answer.status, answer.json().code], [500, 'internal-error'])
  assert.ok(!answer.text.includes('secret'))
  assert.equal(open.logged.find(({ level }) => level === 'error')?.fields['trace_id'], answer.json().trace_id)
})

test('a fault that passes is 503 with retry-after; an answer that lacks a field is a fault of ours', async () => {
  const transient = route(Greet, async () => {
    throw markFault(new Error('gone'), 'transient')
  })
  await using open = await shop([transient])
  const answer = await open.call('GET', '/greeting')
  assert.deepEqual([answer.status, answer.headers['retry-after']], [503, '1'])
  const forgetful: Route = { endpoint: Greet, handle: async () => ({}) }
  await using other = await shop([forgetful])
  assert.equal((await other.call('GET', '/greeting')).status, 500)
})

test('what cannot be admitted is turned away before its body is read, and after its caller is known', async () => {
  let bodies = 0
  const full = route(
    Buy,
    async () => {
      bodies++
      return { id: 't', lines: 0 }
    },
    ({ headers }) => (headers['x-vip'] === 'yes' ? undefined : refuse('sold-out', { retryAfter: 2 })),
  )
  await using open = await shop([full])
  const call = (headers: Record<string, string>, as?: string) =>
    open.call('POST', '/things', { payload: '{"order_items":[', headers: { ...json, ...headers } }, as)
  const turnedAway = await call({})
  assert.deepEqual([turnedAway.json().code, turnedAway.headers['retry-after']], ['sold-out', '2'])
  assert.equal((await call({}, '')).json().code, 'unauthenticated')
  assert.equal((await call({ 'x-vip': 'yes' })).json().code, 'malformed-json')
  assert.equal(bodies, 0)
})

test('requests are measured by route, method and status', async () => {
  await using open = await shop()
  await open.call('GET', `/things/${UUID}`)
  assert.deepEqual(open.observed[0]?.labels, { route: '/things/:id', method: 'GET', status: '200' })
})

test('a problem that no table knows fails at start', () => {
  const odd = route({ ...Greet, problems: ['unheard-of'] }, async () => ({ hello: '' }))
  const around = surroundings()
  const resources = noDatabase(around.platform)
  const parts = { ...around, name: 'shop', routes: [odd], problems: {}, resources, verifier: verifierOf({}) }
  assert.throws(() => servicePlugin(parts), /unheard-of/)
})
