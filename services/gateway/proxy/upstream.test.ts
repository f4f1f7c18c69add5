import assert from 'node:assert/strict'
import { getEventListeners, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { openServer } from '@kit/http-server/server'
import { surroundings } from '@kit/http/test-surroundings'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { acceptAnyBody } from './body.ts'
import { openUpstream } from './upstream.ts'

type Instance = AsyncDisposable & {
  readonly url: string
  /** What was asked of it: `POST 12`, by the method and the bytes of its body. */
  readonly asked: string[]
  readonly connections: () => number
}

/** An instance that answers with its name, or reads what it is asked and then ends the connection without a word. */
const instance = async (name: string, breaksOff: () => boolean = () => false, port = 0): Promise<Instance> => {
  const asked: string[] = []
  let connections = 0
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${(await buffer(request)).length}`)
    if (breaksOff()) request.socket.destroy()
    else response.setHeader('content-length', name.length).end(name)
  })
  server.on('connection', () => connections++)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const close = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  const { port: taken } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${taken}`, asked, connections: () => connections, [Symbol.asyncDispose]: close }
}

/** A door with one service behind it; who sends an idempotency-key may be asked for again. */
const door = (...urls: readonly string[]) => {
  const around = surroundings()
  const server = openServer(around)
  const upstream = openUpstream('order', urls, around.platform)
  acceptAnyBody(server.app)
  const handler = (request: FastifyRequest, reply: FastifyReply) => {
    const repeatable = request.method === 'GET' || request.headers['idempotency-key'] !== undefined
    return upstream.pass(request, reply, { within: 5, repeatable })
  }
  server.app.route({ method: ['GET', 'POST'], url: '/orders', handler })
  const ask = async (method: 'GET' | 'POST', { key, body }: { key?: string; body?: string } = {}) => {
    const headers = { ...(key !== undefined && { 'idempotency-key': key }), 'content-type': 'text/plain' }
    const answer = await server.app.inject({ method, url: '/orders', headers, ...(body !== undefined && { body }) })
    return answer.statusCode === 200 ? answer.body : `${answer.statusCode} ${answer.json().detail}`
  }
  const close = async (): Promise<void> => {
    await server[Symbol.asyncDispose]()
    await upstream[Symbol.asyncDispose]()
  }
  /** How many answers will be ended by the drain. */
  const ending = (): number => getEventListeners(server.app.draining, 'abort').length
  const head = () => server.app.inject({ method: 'HEAD', url: '/orders' })
  return { ask, ending, head, [Symbol.asyncDispose]: close }
}

const gone = async (): Promise<string> => {
  await using once = await instance('gone')
  return once.url
}

test('HEAD is told the length that GET would have', async () => {
  await using a = await instance('alpha')
  await using order = door(a.url)
  const { statusCode, headers, body } = await order.head()
  assert.deepEqual([statusCode, headers['content-length'], body], [200, '5', ''])
})

test('calls go to the instances in turn', async () => {
  await using a = await instance('a')
  await using b = await instance('b')
  await using order = door(a.url, b.url)
  const answers = []
  for (let n = 0; n < 4; n++) answers.push(await order.ask('GET'))
  assert.deepEqual(answers, ['a', 'b', 'a', 'b'])
})

test('who is not let in goes to the next, whatever is asked, with all of its body', async () => {
  await using b = await instance('b')
  await using order = door(await gone(), b.url)
  assert.equal(await order.ask('POST', { body: 'x'.repeat(500_000) }), 'b')
  assert.equal(await order.ask('GET'), 'b')
  assert.deepEqual(b.asked, ['POST 500000', 'GET 0'])
})

test('an instance that comes back is asked again; one that is the last is asked at once', async () => {
  const url = await gone()
  await using order = door(url, url.replace('127.0.0.1', 'localhost'))
  assert.match(await order.ask('POST'), /^503 The order service cannot be reached/)
  await using back = await instance('back', undefined, Number(new URL(url).port))
  assert.equal(await order.ask('POST'), 'back')
  assert.deepEqual(back.asked, ['POST 0'])
})

test('with whom an instance broke off goes to the next when that does no harm', async () => {
  await using a = await instance('a', () => true)
  await using b = await instance('b')
  await using order = door(a.url, b.url)
  assert.equal(await order.ask('GET'), 'b')
  assert.equal(await order.ask('GET'), 'b')
  assert.equal(await order.ask('POST', { key: 'k', body: 'buy' }), 'b')
  assert.deepEqual(
    [a.asked, b.asked],
    [
      ['GET 0', 'POST 3'],
      ['GET 0', 'GET 0', 'POST 3'],
    ],
  )
})

test('what may have been done is not asked for again without a key', async () => {
  await using a = await instance('a', () => true)
  await using b = await instance('b')
  await using order = door(a.url, b.url)
  assert.match(await order.ask('POST', { body: 'pay' }), /^503 .*broke off; nothing is known of the outcome/)
  assert.deepEqual([a.asked, b.asked], [['POST 3'], []])
})

test('a request at which instances die is not taken to all of them', async () => {
  await using a = await instance('a', () => true)
  await using b = await instance('b', () => true)
  await using c = await instance('c')
  await using order = door(a.url, b.url, c.url)
  assert.match(await order.ask('GET'), /^503 .*broke off/)
  assert.deepEqual([a.asked, b.asked, c.asked], [['GET 0'], ['GET 0'], []])
})

test('one that is alone is asked again by those who may: it may have closed an idle connection', async () => {
  let first = true
  const once = (): boolean => first && !(first = false)
  await using a = await instance('a', once)
  await using order = door(a.url)
  assert.equal(await order.ask('GET'), 'a')
  assert.deepEqual(a.asked, ['GET 0', 'GET 0'])
})

test('what may not be asked for twice goes by a connection of its own: one that rests may be closed just then', async () => {
  await using a = await instance('a')
  await using order = door(a.url)
  for (let n = 0; n < 10; n++) await order.ask('GET')
  for (let n = 0; n < 10; n++) await order.ask('POST', { key: 'k' })
  const before = a.connections()
  assert.ok(before < 5, `${before} connections for 20 calls, one after the other`)
  for (let n = 0; n < 3; n++) await order.ask('POST')
  assert.equal(a.connections(), before + 3)
})

test('an event stream that has ended is not kept for the end of the process', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: done\n\n')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await using gate = door(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const before = gate.ending()
    assert.equal(await gate.ask('GET'), 'data: done\n\n')
    // The stream closes in the turn after its last byte.
    for (const until = performance.now() + 10_000; gate.ending() > before && performance.now() < until;) await turn()
    assert.equal(gate.ending(), before)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
