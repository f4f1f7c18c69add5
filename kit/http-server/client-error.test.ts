import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { surroundings } from '@kit/http/test-surroundings'
import { openServer, type Server } from './server.ts'

const cases = {
  'no HTTP at all': ['NONSENSE\r\n\r\n', 400, 'invalid-request'],
  'a header with a blank in its name': [
    'GET /livez HTTP/1.1\r\nhost: a\r\nbad name: 1\r\n\r\n',
    400,
    'invalid-request',
  ],
  'two lengths': [
    'POST /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'invalid-request',
  ],
  'headers of 20 kB': [`GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
  'chunk extensions of 20 kB': [
    `POST /livez HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\na\r\n0\r\n\r\n`,
    413,
    'payload-too-large',
  ],
  'another version': ['GET /livez HTTP/3.7\r\nhost: a\r\n\r\n', 505, 'http-version-not-supported'],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, 'http-version-not-supported'],
  'a request that never ends': ['GET /livez HTTP/1.1\r\nhost: a\r\n', 408, 'request-timeout'],
  'a body that never ends': [
    'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{',
    408,
    'request-timeout',
  ],
  'an address of 20 kB': [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431, 'headers-too-large'],
} as const

/** Requests must have arrived within 300 ms; `/echo` answers a whole body, `/begin` begins to answer before it. */
const echoing = (around = surroundings()): Server => {
  const server = openServer({ ...around, arrival: 300 })
  server.app.post('/echo', async ({ body }) => body)
  server.app.get('/late/:ms', async ({ params }) => {
    await sleep(Number(Object(params).ms))
    return 'late'
  })
  server.app.addHook('preParsing', async (request, reply) => {
    if (request.url === '/begin') reply.raw.write('the beginning')
  })
  server.app.post('/begin', async () => 'the end')
  return server
}

const send = async (server: Server, sent: string): Promise<Socket> => {
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(sent)
  return socket
}

for (const [what, [sent, status, code]] of Object.entries(cases)) {
  test(`${what} is answered with a problem, and the connection ends`, async () => {
    await using server = echoing()
    const [head = '', body = ''] = (await text(await send(server, sent))).split('\r\n\r\n')
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
    assert.match(head, /content-type: application\/problem\+json/)
    const problem = JSON.parse(body)
    assert.deepEqual([problem.status, problem.code], [status, code])
    assert.ok(head.includes(problem.trace_id))
  })
}

test('a request that a busy process did not read in time may be sent again', async () => {
  await using server = echoing()
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
  const accepted = once(server.app.server, 'connection')
  const socket = connect(Number(port), '127.0.0.1')
  await Promise.all([once(socket, 'connect'), accepted])
  // It lies in the kernel, whole, while nothing here is read.
  socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000)
  const answer = await text(socket)
  assert.match(answer, /^HTTP\/1.1 408 /)
})

test('a valid request keeps its own answer although what follows it is no request', async () => {
  await using server = echoing()
  const answer = await text(await send(server, 'GET /late/100 HTTP/1.1\r\nhost: a\r\n\r\nNONSENSE\r\n\r\n'))
  const [first, second] = answer.split(/(?<=late)/)
  assert.match(first ?? '', /^HTTP\/1.1 200 /)
  assert.match(second ?? '', /^HTTP\/1.1 400 /)
})

test('nothing is written behind the beginning of an answer', async () => {
  await using server = echoing()
  const answer = await text(
    await send(
      server,
      'POST /begin HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{',
    ),
  ).catch(() => '')
  assert.doesNotMatch(answer, /HTTP[^]*HTTP/)
})
