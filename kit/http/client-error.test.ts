import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { openServer } from './server.ts'
import { surroundings } from './test-surroundings.ts'

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
  'an address of 20 kB': [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431, 'headers-too-large'],
} as const

for (const [what, [sent, status, code]] of Object.entries(cases)) {
  test(`${what} is answered with a problem, and the connection ends`, async () => {
    await using server = openServer(surroundings())
    const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(sent)
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
    assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
    assert.match(head, /content-type: application\/problem\+json/)
    const problem = JSON.parse(body)
    assert.deepEqual([problem.status, problem.code], [status, code])
    assert.ok(head.includes(problem.trace_id))
  })
}
