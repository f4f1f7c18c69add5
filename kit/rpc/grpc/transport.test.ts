// Several instances of one service.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { fixedPlatform } from '@kit/platform/fixed'
import type { Logger } from '@kit/telemetry/telemetry'
import { rpcClient } from '../client.ts'
import { RpcUnavailable } from '../failure.ts'
import { implement, procedure } from '../procedure.ts'
import { openRegistry } from '../registry.ts'
import { serveGrpc } from './server.ts'
import type { GrpcServer } from './server.ts'
import { overGrpc } from './transport.ts'

const Weigh = procedure<{ readonly product_id: string }, { readonly grams?: string }>({
  service: 'test.warehouse.v1.Warehouse',
  method: 'Weigh',
  proto: new URL('../warehouse.test.proto', import.meta.url),
  repeatable: true,
})
const WeighOnce = { ...Weigh, repeatable: false }

const platform = fixedPlatform()
const absent = () => Promise.reject(new Error('this test has no database'))
const log: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => log,
}

/** An instance that says its name for the weight. */
const instance = (name: string, port = 0): Promise<GrpcServer> => {
  const registry = openRegistry()
  const resources = { db: { query: absent, transaction: absent }, platform }
  registry.provide([implement(Weigh, async () => ({ grams: name }))], resources)
  return serveGrpc({ registry, token: 'fleet', host: '127.0.0.1', port, log })
}

const portOf = ({ url }: GrpcServer): number => Number(url.split(':').at(-1))

const gone = async (): Promise<string> => {
  await using server = await instance('gone')
  return server.url
}

/** An instance that ends the connection with whatever it is asked. */
const breaking = async () => {
  let asked = 0
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.on('stream', (stream) => {
    asked++
    stream.on('error', () => undefined)
    stream.session?.destroy()
  })
  const { port } = server.address() as AddressInfo
  const close = async (): Promise<void> => {
    server.close()
    await once(server, 'close')
  }
  return { url: `grpc://127.0.0.1:${port}`, asked: () => asked, [Symbol.asyncDispose]: close }
}

const callers = (...urls: readonly string[]) => {
  const grpc = overGrpc({ urlsOf: () => urls, token: 'fleet', platform })
  const rpc = rpcClient(grpc)
  const weigh = async (what = Weigh): Promise<string | undefined> => (await rpc.call(what, { product_id: 'a' })).grams
  return { weigh, [Symbol.dispose]: () => grpc[Symbol.dispose]() }
}

test('calls go to the instances in turn', async () => {
  await using a = await instance('a')
  await using b = await instance('b')
  using warehouse = callers(a.url, b.url)
  const names = []
  for (let n = 0; n < 4; n++) names.push(await warehouse.weigh())
  assert.deepEqual(names, ['a', 'b', 'a', 'b'])
})

test('who is not let in goes to the next, whatever is asked', async () => {
  await using b = await instance('b')
  using warehouse = callers(await gone(), b.url)
  for (let n = 0; n < 4; n++) assert.equal(await warehouse.weigh(WeighOnce), 'b')
})

test('when one breaks off, the next is asked what may be asked twice, and nothing else', async () => {
  await using a = await breaking()
  await using b = await instance('b')
  {
    using warehouse = callers(a.url, b.url)
    assert.equal(await warehouse.weigh(Weigh), 'b')
  }
  using warehouse = callers(a.url, b.url)
  await assert.rejects(warehouse.weigh(WeighOnce), RpcUnavailable)
  assert.equal(a.asked(), 2)
})

test('a call at which instances die is not taken to all of them', async () => {
  await using a = await breaking()
  await using b = await breaking()
  await using c = await instance('c')
  using warehouse = callers(a.url, b.url, c.url)
  await assert.rejects(warehouse.weigh(), RpcUnavailable)
  assert.deepEqual([a.asked(), b.asked()], [1, 1])
})

test('when instances are restarted one after the other, no call fails', { timeout: 30_000 }, async () => {
  const running = [await instance('a'), await instance('b')]
  using warehouse = callers(...running.map(({ url }) => url))
  let over = false
  let answered = 0
  const failures: unknown[] = []
  const caller = async (): Promise<void> => {
    while (!over) {
      await warehouse.weigh(WeighOnce).then(
        () => answered++,
        (error: unknown) => failures.push(error),
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const calling = [caller(), caller(), caller()]
  for (let round = 0; round < 10; round++) {
    const at = round % 2
    const until = answered + 50
    while (answered < until && failures.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const [stopped] = running.slice(at)
    assert.ok(stopped)
    await stopped[Symbol.asyncDispose]()
    // It is back long before its rest is over, and the other goes: whoever still avoided this one would be lost.
    running[at] = await instance(`round ${round}`, portOf(stopped))
  }
  over = true
  await Promise.all(calling)
  for (const server of running) await server[Symbol.asyncDispose]()
  assert.deepEqual(failures, [])
})
