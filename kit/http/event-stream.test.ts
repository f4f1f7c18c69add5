import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import Type from 'typebox'
import { openServer } from '@kit/http-server/server'
import { endpoint } from './endpoint.ts'
import { eventStream } from './event-stream.ts'
import type { Events, EventStreamOptions } from './event-stream.ts'
import { route } from './route.ts'
import type { Route } from './route.ts'
import { servicePlugin } from './service-plugin.ts'
import { noDatabase, surroundings, verifierOf } from './test-surroundings.ts'

const Watch = endpoint({
  method: 'GET',
  path: '/watch',
  summary: 'Watch',
  audience: 'anyone',
  headers: Type.Object({ 'Last-Event-ID': Type.Optional(Type.String()) }),
  answer: Type.Object({ n: Type.Integer() }),
  type: 'text/event-stream',
})

const watching = (events: Events, options?: EventStreamOptions, deadline?: number) =>
  serving(
    route(Watch, async () => eventStream(events, options)),
    deadline,
  )

const serving = async (watch: Route, deadline = 30_000) => {
  const around = surroundings()
  const server = openServer({ ...around, deadline })
  const parts = {
    ...around,
    name: 'watch',
    routes: [watch],
    problems: {},
    resources: noDatabase(around.platform),
    verifier: verifierOf({}),
  }
  await server.app.register(servicePlugin(parts))
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  return { server, url: `${url}/watch`, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

test('events are written as the standard says, and the stream ends with its source', async () => {
  await using open = await watching(async function* () {
    yield { id: '1', event: 'step', data: { text: 'a\nb' } }
    yield { data: 2 }
  })
  const answer = await fetch(open.url)
  assert.equal(answer.headers.get('content-type'), 'text/event-stream')
  assert.equal(await answer.text(), 'retry: 1000\n\nid: 1\nevent: step\ndata: {"text":"a\\nb"}\n\ndata: 2\n\n')
})

test('a client that comes back says where it was', async () => {
  const watch = route(Watch, async ({ headers }) =>
    eventStream(async function* () {
      yield { data: headers['last-event-id'] ?? 'the beginning' }
    }),
  )
  await using open = await serving(watch)
  assert.match(await (await fetch(open.url)).text(), /the beginning/)
  assert.match(await (await fetch(open.url, { headers: { 'last-event-id': '41' } })).text(), /data: "41"/)
})

test('silence is filled with heartbeats, and a stream ends at its greatest age', async () => {
  await using open = await watching(
    async function* (signal) {
      await aborted(signal)
      yield { data: 'too late' }
    },
    { heartbeat: 10, maxAge: 100 },
  )
  assert.match(await (await fetch(open.url)).text(), /^retry: 1000\n\n(:\n\n){2,}$/)
})

test('the deadline of a route is for the beginning of its answer, not for the length of a stream', async () => {
  await using open = await watching(
    async function* (signal) {
      await aborted(signal)
      yield { data: 'too late' }
    },
    { heartbeat: 10, maxAge: 150 },
    20,
  )
  assert.match(await (await fetch(open.url)).text(), /^retry: 1000\n\n(:\n\n){5,}$/)
})

test('the source hears that the client has gone', async () => {
  const gone = Promise.withResolvers<void>()
  await using open = await watching(async function* (signal) {
    yield { data: 1 }
    await aborted(signal)
    gone.resolve()
  })
  const leave = new AbortController()
  const answer = await fetch(open.url, { signal: leave.signal })
  await answer.body?.getReader().read()
  leave.abort()
  await gone.promise
})

test('draining ends streams at once, even one whose source does not listen', async () => {
  await using open = await watching(async function* () {
    yield { data: 1 }
    await new Promise(() => undefined)
  })
  const answer = await fetch(open.url)
  const reader = answer.body?.getReader()
  await reader?.read()
  const before = performance.now()
  await open.server[Symbol.asyncDispose]()
  assert.ok(performance.now() - before < 2_000)
})

test('a source that fails breaks the stream off, so that the client tries again', async () => {
  await using open = await watching(async function* () {
    yield { data: 1 }
    throw new Error('broken')
  })
  await assert.rejects(async () => (await fetch(open.url)).text())
})

test('a client that reads nothing holds the source back, and is cut off after a while', async () => {
  const text = 'x'.repeat(100_000)
  let told = 0
  const over = Promise.withResolvers<void>()
  await using open = await watching(
    async function* (signal) {
      signal.addEventListener('abort', () => over.resolve(), { once: true })
      for (; !signal.aborted; told++) yield { data: text }
    },
    { patience: 200 },
  )
  const { hostname, port, pathname } = new URL(open.url)
  const socket = connect(Number(port), hostname)
  socket.pause()
  await once(socket, 'connect')
  socket.write(`GET ${pathname} HTTP/1.1\r\nhost: test\r\n\r\n`)
  await over.promise
  socket.destroy()
  // What the kernel takes for a client that does not read is some MB; without backpressure there is no end to it.
  assert.ok(told < 1_000, `${told} events of 100 kB were written`)
})

test('a client that had gone before its stream began is noticed', async () => {
  const closed = Promise.withResolvers<void>()
  const begin = Promise.withResolvers<void>()
  const heard = Promise.withResolvers<void>()
  const around = surroundings()
  const server = openServer(around)
  const routes = [
    route(Watch, async (request) => {
      begin.resolve()
      await closed.promise
      if (request.signal.aborted) heard.resolve()
      request.signal.addEventListener('abort', () => heard.resolve())
      return eventStream(async function* () {
        yield { data: 1 }
      })
    }),
  ]
  const resources = noDatabase(around.platform)
  const parts = { ...around, name: 'watch', routes, problems: {}, resources, verifier: verifierOf({}) }
  await server.app.register(servicePlugin(parts))
  server.app.addHook('onRequest', async (_request, reply) => {
    reply.raw.once('close', () => setImmediate(closed.resolve))
  })
  await using _open = server
  const url = new URL('/watch', await server.listen({ host: '127.0.0.1', port: 0 }))
  const leave = new AbortController()
  const asked = fetch(url, { signal: leave.signal }).catch(() => undefined)
  await begin.promise
  leave.abort()
  await asked
  await heard.promise
})
