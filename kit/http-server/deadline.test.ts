import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import Type from 'typebox'
import { endpoint } from '@kit/http/endpoint'
import { route } from '@kit/http/route'
import type { Route } from '@kit/http/route'
import { servicePlugin } from '@kit/http/service-plugin'
import { noDatabase, surroundings, verifierOf } from '@kit/http/test-surroundings'
import { openServer } from './server.ts'
import type { ServerOptions } from './server.ts'

const Greet = endpoint({
  method: 'GET',
  path: '/greeting',
  summary: 'Says hello.',
  audience: 'anyone',
  answer: Type.Object({ hello: Type.String() }),
})
const Wave = endpoint({ ...Greet, path: '/wave' })

const serve = async (routes: readonly Route[], options: Pick<ServerOptions, 'deadline' | 'most'> = {}) => {
  const around = surroundings()
  const server = openServer({ ...around, ...options })
  const resources = noDatabase(around.platform)
  const plugin = { ...around, name: 'shop', routes, problems: {}, resources, verifier: verifierOf({}) }
  await server.app.register(servicePlugin(plugin))
  return server
}

test('a route that never answers is cut off', async () => {
  await using server = await serve([route(Greet, () => new Promise(() => undefined))], { deadline: 20 })
  const answer = await server.app.inject('/greeting')
  assert.deepEqual([answer.statusCode, answer.json().code], [504, 'timeout'])
})

test('work whose caller was told timeout knows it, also when it asks only then', async () => {
  const asked = Promise.withResolvers<AbortSignal>()
  const attentive = route(Greet, async ({ closed }) => {
    asked.resolve(closed)
    return new Promise(() => undefined)
  })
  const begun = Promise.withResolvers<{ readonly closed: AbortSignal }>()
  const careless = route(Wave, async (request) => {
    begun.resolve(request)
    return new Promise(() => undefined)
  })
  await using server = await serve([attentive, careless], { deadline: 20 })
  assert.equal((await server.app.inject('/greeting')).statusCode, 504)
  assert.equal((await asked.promise).aborted, true)
  assert.equal((await server.app.inject('/wave')).statusCode, 504)
  assert.equal((await begun.promise).closed.aborted, true)
})

test('work whose client has gone knows it', async () => {
  const asked = Promise.withResolvers<AbortSignal>()
  const slow = route(Greet, async ({ closed }) => {
    asked.resolve(closed)
    await once(closed, 'abort')
    return { hello: '' }
  })
  await using server = await serve([slow])
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const gone = new AbortController()
  const call = fetch(`${url}/greeting`, { signal: gone.signal })
  const closed = await asked.promise
  assert.equal(closed.aborted, false)
  gone.abort()
  await assert.rejects(call)
  if (!closed.aborted) await once(closed, 'abort')
})

test('only so many requests wait for their answer at once; a stream that has begun and a client that has gone wait no more', async () => {
  const goOn = Promise.withResolvers<void>()
  let waiting = 0
  const slow = route(Greet, async () => {
    waiting++
    await goOn.promise
    return { hello: 'late' }
  })
  await using server = await serve([slow], { most: 2 })
  server.app.get('/stream', (_request, reply) => reply.send(Readable.from(endless(goOn.promise))))
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const stream = await fetch(`${url}/stream`)

  const gone = new AbortController()
  const first = fetch(`${url}/greeting`, { signal: gone.signal })
  const second = fetch(`${url}/greeting`)
  while (waiting < 2) await new Promise((resolve) => setImmediate(resolve))
  const third = await fetch(`${url}/greeting`)
  assert.deepEqual([third.status, third.headers.get('retry-after')], [503, '1'])
  assert.equal((await fetch(`${url}/livez`)).status, 200)

  gone.abort()
  await assert.rejects(first)
  let fourth = fetch(`${url}/greeting`)
  while (waiting < 3) {
    // Refused until the server has seen that the first one has gone.
    const answer = await Promise.race([fourth.then(({ status }) => status), new Promise<0>((r) => setImmediate(r, 0))])
    if (answer === 503) fourth = fetch(`${url}/greeting`)
  }
  goOn.resolve()
  assert.deepEqual([(await second).status, (await fourth).status], [200, 200])
  await stream.text()
})

async function* endless(until: Promise<void>) {
  yield 'begun'
  await until
}
