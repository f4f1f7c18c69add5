import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { TcpProxy } from './tcp-proxy.ts'

type Line = {
  readonly socket: Socket
  readonly echo: (word: string) => Promise<string>
  readonly lost: Promise<unknown>
}

/** A server that says what it hears, behind a proxy. */
const open = async (): Promise<AsyncDisposable & { readonly net: TcpProxy; readonly dial: () => Line }> => {
  const owned = new AsyncDisposableStack()
  const server = createServer((socket) => socket.on('error', () => undefined).pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  owned.defer(() => void server.close())
  const net = owned.use(await TcpProxy.before(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`))
  const dial = (): Line => {
    const { port } = new URL(net.url)
    const socket = connect(Number(port), '127.0.0.1')
    const lost = new Promise((resolve) => socket.on('error', () => undefined).on('close', resolve))
    owned.defer(() => void socket.destroy())
    const echo = async (word: string): Promise<string> => {
      socket.write(word)
      const [heard] = await once(socket, 'data')
      return String(heard)
    }
    return { socket, echo, lost }
  }
  return { net, dial, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** What has come within a moment. */
const soon = (heard: Promise<string>): Promise<string> =>
  Promise.race([heard, new Promise<string>((resolve) => setTimeout(resolve, 100, 'nothing'))])

test('it carries both ways, and later when it is told to', async () => {
  await using place = await open()
  const line = place.dial()
  assert.equal(await line.echo('one'), 'one')
  place.net.delay(60)
  const began = performance.now()
  assert.equal(await line.echo('two'), 'two')
  const took = performance.now() - began
  // Node's timers may be a millisecond early, each.
  assert.ok(took >= 115, `there and back in ${took} ms`)
})

test('a network that was gone and comes back has lost nothing', async () => {
  await using place = await open()
  const before = place.dial()
  assert.equal(await before.echo('here'), 'here')
  place.net.silence()
  const heard = before.echo('late')
  const fresh = place.dial()
  const greeted = fresh.echo('let in')
  assert.deepEqual(await Promise.all([soon(heard), soon(greeted)]), ['nothing', 'nothing'])
  place.net.forward()
  assert.deepEqual(await Promise.all([heard, greeted]), ['late', 'let in'])
})

test('connections that a firewall has forgotten stay silent; new ones work', async () => {
  await using place = await open()
  const old = place.dial()
  assert.equal(await old.echo('here'), 'here')
  place.net.silenceExisting()
  assert.equal(await soon(old.echo('gone')), 'nothing')
  assert.equal(await place.dial().echo('new'), 'new')
  place.net.forward()
  assert.equal(await soon(old.echo('gone')), 'nothing')
})

test('it turns away, and cuts', async () => {
  await using place = await open()
  const line = place.dial()
  assert.equal(await line.echo('here'), 'here')
  place.net.refuse()
  await place.dial().lost
  assert.equal(await line.echo('still here'), 'still here')
  place.net.drop()
  await line.lost
})
