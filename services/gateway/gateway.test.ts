import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpoint } from '@kit/http/endpoint'
import type { AnyEndpoint } from '@kit/http/endpoint'
import { eventStream } from '@kit/http/event-stream'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { openServer } from '@kit/http-server/server'
import { servicePlugin } from '@kit/http/service-plugin'
import { noDatabase, surroundings, verifierOf } from '@kit/http/test-surroundings'
import { refuse } from '@kit/problem/refusal'
import type { FastifyPluginCallback } from 'fastify'
import Type from 'typebox'
import { mount } from './mount/mount.ts'
import { policyOf } from './policies.ts'
import { openUpstream } from './proxy/upstream.ts'
import { memoryLimiter } from './rate-limit/limiter.ts'

const Echo = endpoint({
  method: 'POST',
  path: '/api/v1/products/:id',
  summary: 'Tell what arrived',
  audience: 'account',
  query: Type.Object({ x: Type.Optional(Type.String()) }),
  body: Type.Object({ text: Type.Optional(Type.String()) }),
  answer: Type.Object({
    who: Type.String(),
    text: Type.String(),
    headers: Type.Array(Type.String()),
    url: Type.String(),
    x: Type.Optional(Type.String()),
  }),
  status: 201,
  problems: ['sold-out'],
  aliases: [{ method: 'PUT', path: '/api/v1/products/:id' }],
})
const List = endpoint({
  method: 'GET',
  path: '/api/v1/products',
  summary: 'List',
  audience: 'anyone',
  query: Type.Object({ size: Type.Integer({ default: 1 }) }),
  answer: Type.Object({ text: Type.String() }),
})
const Watch = endpoint({
  method: 'GET',
  path: '/api/v1/products/:id/events',
  summary: 'Watch',
  audience: 'anyone',
  answer: Type.Integer(),
  type: 'text/event-stream',
})
const LogIn = endpoint({
  method: 'POST',
  path: '/api/v1/account/login',
  summary: 'Log in',
  audience: 'anyone',
  answer: Type.Object({}),
})
const Stuck = endpoint({ ...LogIn, method: 'GET', path: '/api/v1/products/stuck' })

const routes: readonly Route[] = [
  route(Echo, async ({ body, caller, headers, params, query }) => {
    if (body.text === 'gone') return refuse('sold-out', { retryAfter: 2 })
    const names = Object.keys(headers).toSorted()
    return { who: caller.id, text: body.text ?? '', headers: names, url: Object(params).id ?? '', ...query }
  }),
  route(List, async ({ query }) => ({ text: 'x'.repeat(query.size) })),
  route(Watch, async () =>
    eventStream(async function* (signal) {
      yield { id: '1', data: 1 }
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    }),
  ),
  route(LogIn, async () => ({})),
  route(Stuck, () => new Promise(() => undefined)),
]
const endpoints: readonly AnyEndpoint[] = routes.map(({ endpoint }) => endpoint)
const verifier = verifierOf({
  ada: { id: 'ada', roles: ['customer'], session: 's1' },
  bob: { id: 'bob', roles: ['customer'], session: 's2' },
})

const read = async (answer: Response | undefined): Promise<any> => answer?.json()

type Where = 'in this process' | 'in another process'

const open = async (where: Where, quota = 1000) => {
  const around = surroundings()
  const closing = new AsyncDisposableStack()
  const problems = { 'sold-out': { status: 409, title: 'Sold out' } }
  const parts = { ...around, name: 'catalog', routes, problems, resources: noDatabase(around.platform), verifier }
  const plugin: FastifyPluginCallback = servicePlugin(parts)
  const door = openServer(around)
  const limits = {
    'sign-in': { name: 'sign-in', quota: 2, window: 60 },
    buy: { name: 'buy', quota, window: 60 },
    everyday: { name: 'everyday', quota, window: 60 },
  }
  const guard = { limits, limiter: memoryLimiter(around.platform.clock), verifier }
  if (where === 'in this process') {
    await mount(door.app, { catalog: { endpoints, plugin } }, guard)
  } else {
    const service = closing.use(openServer(surroundings()))
    await service.app.register(plugin)
    const url = await service.listen({ host: '127.0.0.1', port: 0 })
    const upstream = closing.use(openUpstream('catalog', [url], around.platform))
    await mount(door.app, { catalog: { endpoints, upstream } }, guard)
  }
  closing.use(door)
  const url = await door.listen({ host: '127.0.0.1', port: 0 })
  const call = (method: string, path: string, { as = 'ada', ...init }: RequestInit & { as?: string } = {}) =>
    fetch(url + path, { method, ...init, headers: { authorization: `Bearer ${as}`, ...Object(init.headers) } })
  return { ...around, call, url, [Symbol.asyncDispose]: () => closing.disposeAsync() }
}

const json = { 'content-type': 'application/json' }

for (const where of ['in this process', 'in another process'] as const) {
  test(`${where}: requests and answers pass through unchanged`, async () => {
    await using shop = await open(where)
    const body = JSON.stringify({ text: 'schöne Grüße' })
    const answer = await shop.call('POST', '/api/v1/products/7?x=%20y', { headers: json, body })
    const told = await read(answer)
    assert.deepEqual([answer.status, told.who, told.text, told.url, told.x], [201, 'ada', 'schöne Grüße', '7', ' y'])
    const empty = await shop.call('PUT', '/api/v1/products/7', { headers: json, body: '' })
    assert.equal(empty.status, 201)
    const large = await shop.call('GET', '/api/v1/products?size=300000')
    assert.equal((await read(large)).text.length, 300_000)
    const sent = await shop.call('POST', '/api/v1/products/7', {
      headers: json,
      body: JSON.stringify({ text: 'y'.repeat(500_000) }),
    })
    assert.equal((await read(sent)).text.length, 500_000)
  })

  test(`${where}: problems pass through with one trace`, async () => {
    await using shop = await open(where)
    const refused = await shop.call('POST', '/api/v1/products/7', { headers: json, body: '{"text":"gone"}' })
    const problem = await read(refused)
    assert.deepEqual([refused.status, problem.code, refused.headers.get('retry-after')], [409, 'sold-out', '2'])
    assert.equal(refused.headers.get('x-request-id'), problem.trace_id)
    const broken = await shop.call('POST', '/api/v1/products/7', { headers: json, body: '{' })
    assert.deepEqual([broken.status, (await read(broken)).code], [400, 'malformed-json'])
    const tooMuch = await shop.call('POST', '/api/v1/products/7', { headers: json, body: 'x'.repeat(1_100_000) })
    assert.equal(tooMuch.status, 413)
    assert.equal((await shop.call('DELETE', '/api/v1/products/7')).status, 405)
    assert.equal((await shop.call('GET', '/api/v1/products/7/secret')).status, 404)
    assert.equal((await shop.call('POST', '/api/v1/products/7', { as: 'mallory' })).status, 401)
  })

  test(`${where}: nobody says who they are but by their token`, async () => {
    await using shop = await open(where)
    const headers = {
      ...json,
      'X-User-Id': 'root',
      'x-account-roles': 'admin',
      x_user_id: 'root',
      forwarded: 'for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
      'x-real-ip': '1.2.3.4',
      'idempotency-key': 'kept',
    }
    const answer = await shop.call('POST', '/api/v1/products/7', { headers, body: '{}' })
    const names: string[] = (await read(answer)).headers
    const bad = ['x-user-id', 'x-account-roles', 'x_user_id', 'forwarded', 'x-real-ip'].filter((name) =>
      names.includes(name),
    )
    assert.deepEqual(bad, [])
    assert.ok(names.includes('idempotency-key'))
  })

  test(`${where}: callers are never mixed up`, async () => {
    await using shop = await open(where)
    const callers = Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 'ada' : 'bob'))
    const told = await Promise.all(
      callers.map(async (as) => read(await shop.call('POST', '/api/v1/products/7', { as, headers: json, body: '{}' }))),
    )
    assert.deepEqual(
      told.map(({ who }) => who),
      callers,
    )
  })

  test(`${where}: sign-ins are limited by address, other calls by account`, async () => {
    await using shop = await open(where, 3)
    const signIns = ['ada', 'bob', 'eve'].map((as) =>
      shop.call('POST', '/api/v1/account/login', { as, headers: json, body: '{}' }),
    )
    const answers = await Promise.all(signIns)
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 200, 429],
    )
    const refused = answers.find(({ status }) => status === 429)
    assert.equal(refused?.headers.get('retry-after'), '30')
    assert.equal(refused?.headers.get('ratelimit-policy'), '"sign-in";q=2;w=60')
    assert.equal((await read(refused)).code, 'rate-limited')
    for (let i = 0; i < 3; i++) assert.equal((await shop.call('GET', '/api/v1/products')).status, 200)
    const last = await shop.call('GET', '/api/v1/products')
    assert.deepEqual([last.status, last.headers.get('ratelimit')], [429, '"everyday";r=0;t=60'])
    assert.equal((await shop.call('GET', '/api/v1/products', { as: 'bob' })).status, 200)
    shop.later(20_000)
    assert.equal((await shop.call('GET', '/api/v1/products')).status, 200)
  })

  test(`${where}: events come as they happen, and draining ends them`, async () => {
    const shop = await open(where)
    const answer = await shop.call('GET', '/api/v1/products/7/events')
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    let seen = ''
    while (!seen.includes('data: 1')) seen += (await reader?.read())?.value ?? ''
    const before = performance.now()
    await Promise.all([shop[Symbol.asyncDispose](), reader?.read().catch(() => undefined)])
    assert.ok(performance.now() - before < 3_000)
  })
}

test('a service that is not there is a 503, one that breaks off too', async () => {
  const around = surroundings()
  await using door = openServer(around)
  const gone = openServer(surroundings())
  const url = await gone.listen({ host: '127.0.0.1', port: 0 })
  await gone[Symbol.asyncDispose]()
  await using upstream = openUpstream('catalog', [url], around.platform)
  const guard = { limits: undefined, limiter: memoryLimiter(around.platform.clock), verifier }
  await mount(door.app, { catalog: { endpoints: [List], upstream }, account: { endpoints: [LogIn] } }, guard)
  const unreachable = await door.app.inject('/api/v1/products')
  assert.deepEqual([unreachable.statusCode, unreachable.json().code], [503, 'unavailable'])
  const absent = await door.app.inject({ method: 'POST', url: '/api/v1/account/login' })
  assert.match(absent.json().detail, /ACCOUNT_URL/)
})

test('a service that does not answer in time is a 504', async () => {
  const around = surroundings()
  await using service = openServer(surroundings())
  service.app.get('/slow', () => new Promise(() => undefined))
  const url = await service.listen({ host: '127.0.0.1', port: 0 })
  await using upstream = openUpstream('catalog', [url], around.platform)
  await using door = openServer(around)
  door.app.get('/slow', (request, reply) => upstream.pass(request, reply, { within: 0.1, repeatable: true }))
  const answer = await door.app.inject('/slow')
  assert.deepEqual([answer.statusCode, answer.json().code], [504, 'timeout'])
})

test('a route without a policy does not start; the longest path decides', () => {
  assert.throws(() => policyOf('/api/v1/secrets'), /no policy for \/api\/v1\/secrets/)
  assert.equal(policyOf('/api/v1/products/check').to, 'inventory')
  assert.equal(policyOf('/api/v1/products/:id').to, 'catalog')
  assert.equal(policyOf('/api/v1/account/login').limit, 'sign-in')
})
