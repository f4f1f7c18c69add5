import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { surroundings } from '@kit/http/test-surroundings'
import { openHealth } from '@kit/telemetry/health'
import { openServer } from './server.ts'

test('health tells live from ready, and names what is not', async () => {
  const around = surroundings()
  const health = openHealth(around.telemetry)
  health.add('database', async () => undefined)
  health.add('log', () => Promise.reject(new Error('postgres://secret')))
  health.add('members', async () => 'cannot be seen')
  await using server = openServer({ ...around, health, scrape: async () => 'argosy_up 1\n' })
  assert.equal((await server.app.inject('/livez')).statusCode, 200)
  const ready = await server.app.inject('/readyz')
  assert.deepEqual(
    [ready.statusCode, ready.json()],
    [
      503,
      {
        status: 'unavailable',
        checks: { database: 'ok', log: 'failed', members: 'failed' },
        reasons: { log: 'failed', members: 'cannot be seen' },
      },
    ],
  )
  assert.equal((await server.app.inject('/metrics')).body, 'argosy_up 1\n')
})

test('a process that can do most of its work is ready, and says what it cannot do', async () => {
  const around = surroundings()
  const health = openHealth(around.telemetry)
  health.add('database', async () => undefined)
  health.add('upstream order', async () => 'cannot be reached', { vital: false })
  await using server = openServer({ ...around, health })
  const ready = await server.app.inject('/readyz')
  assert.deepEqual(
    [ready.statusCode, ready.json()],
    [
      200,
      {
        status: 'degraded',
        checks: { database: 'ok', 'upstream order': 'failed' },
        reasons: { 'upstream order': 'cannot be reached' },
      },
    ],
  )
})

test('closing answers what is under way and does not wait for the keep-alive of its connection', async () => {
  const server = openServer(surroundings())
  const arrived = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  server.app.get('/slow', async () => {
    arrived.resolve()
    await goOn.promise
    return { done: true }
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const agent = new Agent({ keepAlive: true })
  const answer = new Promise<number>((resolve, reject) => {
    const call = request(`${url}/slow`, { agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    call.on('error', reject).end()
  })
  await arrived.promise
  const before = performance.now()
  const closed = server[Symbol.asyncDispose]()
  goOn.resolve()
  assert.equal(await answer, 200)
  await closed
  assert.ok(performance.now() - before < 5_000, 'closing took as long as a keep-alive')
  agent.destroy()
})

/** Connects, says this much, and then nothing more. */
const mute = async (url: string, words = ''): Promise<Disposable> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname).on('error', () => undefined)
  await once(socket, 'connect')
  if (words !== '') await new Promise((resolve) => socket.write(words, resolve))
  return { [Symbol.dispose]: () => void socket.destroy() }
}

const timeToClose = async (server: AsyncDisposable): Promise<number> => {
  const before = performance.now()
  await server[Symbol.asyncDispose]()
  return performance.now() - before
}

test('closing does not wait for who has connected and says nothing', async () => {
  const server = openServer(surroundings())
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  using _client = await mute(url)
  assert.ok((await timeToClose(server)) < 1_000)
})

test('a server that is closed while it begins to listen ends in peace, and does not listen afterwards', async () => {
  for (let turns = 0; turns < 10; turns++) {
    const server = openServer(surroundings())
    // A name has several addresses, one after the other.
    const listening = server.listen({ host: 'localhost', port: 0 })
    // Further on its way each time.
    for (let n = 0; n < turns; n++) await turn()
    await Promise.all([server[Symbol.asyncDispose](), listening])
    assert.equal(server.app.server.listening, false, `closed after ${turns} turns`)
  }
})

test('closing waits 3 seconds for half a request, and for an answer that does not come', async () => {
  const server = openServer(surroundings())
  const arrived = Promise.withResolvers<void>()
  server.app.get('/stuck', () => {
    arrived.resolve()
    return new Promise(() => undefined)
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  using _half = await mute(url, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhal')
  using _stuck = await mute(url, 'GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n')
  await arrived.promise
  const took = await timeToClose(server)
  assert.ok(took > 2_000 && took < 4_500, `${took} ms`)
})

/** What the server answers to these very bytes. */
const raw = (url: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    let answer = ''
    const socket = connect(Number(port), hostname, () => socket.end(bytes))
    socket.on('data', (chunk) => (answer += chunk.toString())).on('error', reject)
    socket.on('close', () => resolve(answer))
  })

test('ambiguous framing is refused and the connection closed', async () => {
  await using server = openServer(surroundings())
  let reached = 0
  server.app.post('/', async () => {
    reached++
    return {}
  })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const post = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
  for (const framing of [
    'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    'Content-Length: +2\r\n\r\n{}',
    'Content-Length : 2\r\n\r\n{}',
    'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
    'Content-Length: 2\r\nX: a\r\n b\r\n\r\n{}GET / HTTP/1.1\r\n',
  ]) {
    const answer = await raw(url, post + framing)
    assert.match(answer, /^HTTP\/1.1 400 /, framing)
    assert.equal(answer.match(/HTTP\/1.1/g)?.length, 1, framing)
  }
  assert.equal(reached, 0)
})
