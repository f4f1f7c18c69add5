import assert from 'node:assert/strict'
import { test } from 'node:test'
import { credentials, Client, status } from '@grpc/grpc-js'
import type { ServiceError } from '@grpc/grpc-js'
import { fixedPlatform } from '@kit/platform/fixed'
import type { Logger } from '@kit/telemetry/telemetry'
import { currentTrace, withTrace } from '@kit/telemetry/trace-context'
import { rpcClient } from './client.ts'
import { RpcFailed, RpcUnavailable } from './failure.ts'
import { serveGrpc } from './grpc/server.ts'
import { overGrpc } from './grpc/transport.ts'
import { implement, procedure } from './procedure.ts'
import type { Implementation, RpcClient } from './procedure.ts'
import { inProcess, openRegistry } from './registry.ts'
import { methodOf } from './grpc/wire.ts'

const service = 'test.warehouse.v1.Warehouse'
const proto = new URL('warehouse.test.proto', import.meta.url)

type Counted = { readonly product_id: string; readonly on_hand: number }
const Count = procedure<{ readonly product_ids: readonly string[] }, { readonly counted: readonly Counted[] }>({
  service,
  method: 'Count',
  proto,
  batch: {
    merge: (requests) => ({ product_ids: requests.flatMap((request) => request.product_ids) }),
    split: ({ counted }, requests) =>
      requests.map(({ product_ids }) => ({
        counted: counted.filter(({ product_id }) => product_ids.includes(product_id)),
      })),
  },
})
const Weigh = procedure<{ readonly product_id: string }, { readonly grams?: string }>({
  service,
  method: 'Weigh',
  proto,
})

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => quiet,
}
const absent = () => Promise.reject(new Error('this test has no database'))
const platform = fixedPlatform()
const resources = { db: { query: absent, transaction: absent }, platform }

type Ways = { readonly rpc: RpcClient } & AsyncDisposable

const within = async (...implementations: readonly Implementation[]): Promise<Ways> => {
  const registry = openRegistry()
  registry.provide(implementations, resources)
  return { rpc: rpcClient(inProcess(registry)), [Symbol.asyncDispose]: () => Promise.resolve() }
}

const across = async (...implementations: readonly Implementation[]): Promise<Ways> => {
  const registry = openRegistry()
  registry.provide(implementations, resources)
  const server = await serveGrpc({ registry, token: 'fleet', host: '127.0.0.1', port: 0, log: quiet })
  const grpc = overGrpc({ urlsOf: () => [server.url], token: 'fleet', platform })
  return {
    rpc: rpcClient(grpc),
    [Symbol.asyncDispose]: async () => {
      grpc[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

for (const [way, open] of [
  ['within one process', within],
  ['between processes', across],
] as const) {
  test(`${way}: a call is answered; integers are numbers, names stay as they are`, async () => {
    const counted = [{ product_id: 'a', on_hand: 9_007_199_254_740_991 }]
    await using ways = await open(implement(Count, async () => ({ counted })))
    assert.deepEqual(plain(await ways.rpc.call(Count, { product_ids: ['a'] })), { counted })
  })

  test(`${way}: what is optional and absent stays absent; an empty list is a list`, async () => {
    await using ways = await open(
      implement(Weigh, async () => ({})),
      implement(Count, async ({ product_ids }) => ({
        counted: product_ids.map((product_id) => ({ product_id, on_hand: 0 })),
      })),
    )
    assert.equal((await ways.rpc.call(Weigh, { product_id: 'a' })).grams, undefined)
    assert.deepEqual(plain(await ways.rpc.call(Count, { product_ids: [] })), { counted: [] })
  })

  test(`${way}: calls that arrive together travel together, and each gets its own answer`, async () => {
    const trips: number[] = []
    await using ways = await open(
      implement(Count, async ({ product_ids }) => {
        trips.push(product_ids.length)
        return { counted: product_ids.map((product_id) => ({ product_id, on_hand: Number(product_id) })) }
      }),
    )
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => ways.rpc.call(Count, { product_ids: [String(n)] })),
    )
    assert.deepEqual(trips, [50])
    assert.deepEqual(
      answers.map(({ counted }) => counted[0]?.on_hand),
      Array.from({ length: 50 }, (_, n) => n),
    )
  })

  test(`${way}: what arrives while a trip is under way goes with the next`, async () => {
    const trips: number[] = []
    const first = Promise.withResolvers<void>()
    await using ways = await open(
      implement(Count, async ({ product_ids }) => {
        trips.push(product_ids.length)
        if (trips.length === 1) await first.promise
        return { counted: [] }
      }),
    )
    const lone = ways.rpc.call(Count, { product_ids: ['a'] })
    while (trips.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const later = ['b', 'c', 'd'].map((id) => ways.rpc.call(Count, { product_ids: [id] }))
    first.resolve()
    await Promise.all([lone, ...later])
    assert.deepEqual(trips, [1, 3])
  })

  test(`${way}: whoever has given up or gone before the next trip begins is not taken along`, async () => {
    const asked: string[] = []
    const first = Promise.withResolvers<void>()
    await using ways = await open(
      implement(Count, async ({ product_ids }) => {
        asked.push(...product_ids)
        if (product_ids.includes('a')) await first.promise
        return { counted: [] }
      }),
    )
    const lone = ways.rpc.call(Count, { product_ids: ['a'] })
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const began = performance.now()
    const gone = new AbortController()
    const leaving = ways.rpc.call(Count, { product_ids: ['gone'] }, { signal: gone.signal })
    const hasty = ways.rpc.call(Count, { product_ids: ['hasty'] }, { deadline: 20 })
    const patient = ways.rpc.call(Count, { product_ids: ['patient'] })
    gone.abort(new Error('the customer has gone'))
    await assert.rejects(leaving, /the customer has gone/)
    await assert.rejects(hasty, RpcUnavailable)
    // Timers may be a millisecond early.
    while (performance.now() < began + 25) await new Promise((resolve) => setImmediate(resolve))
    first.resolve()
    await Promise.all([lone, patient])
    assert.deepEqual(asked, ['a', 'patient'])
  })

  test(`${way}: of calls that travelled together only the guilty one fails`, async () => {
    await using ways = await open(
      implement(Count, async ({ product_ids }) => {
        if (product_ids.includes('bad')) throw new Error('the SQL text is secret')
        return { counted: product_ids.map((product_id) => ({ product_id, on_hand: 1 })) }
      }),
    )
    const outcomes = await Promise.allSettled(
      ['a', 'bad', 'c'].map((id) => ways.rpc.call(Count, { product_ids: [id] })),
    )
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    )
    const [, guilty] = outcomes
    assert.ok(guilty?.status === 'rejected' && guilty.reason instanceof RpcFailed)
    assert.doesNotMatch(guilty.reason.message, /SQL/)
  })

  test(`${way}: a failure that passes is RpcUnavailable`, async () => {
    await using ways = await open(
      implement(Weigh, () => Promise.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }))),
    )
    await assert.rejects(ways.rpc.call(Weigh, { product_id: 'a' }), RpcUnavailable)
  })

  test(`${way}: nobody waits longer than the deadline`, async () => {
    const never = Promise.withResolvers<{ readonly grams?: string }>()
    await using ways = await open(implement(Weigh, () => never.promise))
    await assert.rejects(ways.rpc.call(Weigh, { product_id: 'a' }, { deadline: 30 }), RpcUnavailable)
    never.resolve({})
  })

  test(`${way}: a trip that never ends holds up nobody beyond its deadline, and who has gone stays at home`, async () => {
    const trips: string[] = []
    const never = Promise.withResolvers<never>()
    await using ways = await open(
      implement(Count, async ({ product_ids }) => {
        trips.push(product_ids.join())
        if (trips.length === 1) return never.promise
        return { counted: product_ids.map((product_id) => ({ product_id, on_hand: 1 })) }
      }),
    )
    const ask = (id: string, deadline: number): Promise<unknown> =>
      ways.rpc.call(Count, { product_ids: [id] }, { deadline })
    const hanging = assert.rejects(ask('a', 150), RpcUnavailable)
    while (trips.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const gone = assert.rejects(ask('b', 50), RpcUnavailable)
    assert.deepEqual(plain(await ask('c', 2_000)), { counted: [{ product_id: 'c', on_hand: 1 }] })
    await Promise.all([hanging, gone])
    assert.deepEqual(trips, ['a', 'c'])
    never.reject(new Error('too late'))
  })

  test(`${way}: a caller that gives up is let go`, async () => {
    const never = Promise.withResolvers<{ readonly grams?: string }>()
    await using ways = await open(implement(Weigh, () => never.promise))
    const stop = new AbortController()
    const call = ways.rpc.call(Weigh, { product_id: 'a' }, { signal: stop.signal })
    stop.abort(new Error('the customer has gone'))
    await assert.rejects(call, /the customer has gone/)
    never.resolve({})
  })

  test(`${way}: the trace goes along`, async () => {
    const traces: (string | undefined)[] = []
    await using ways = await open(
      implement(Weigh, async () => {
        traces.push(currentTrace()?.trace_id)
        return {}
      }),
    )
    const trace_id = '4bf92f3577b34da6a3ce929d0e0e4736'
    await withTrace({ trace_id }, () => ways.rpc.call(Weigh, { product_id: 'a' }))
    assert.deepEqual(traces, [trace_id])
  })
}

test('the first transport that knows the service is taken; none is RpcUnavailable', async () => {
  const here = openRegistry()
  here.provide([implement(Weigh, async () => ({ grams: 'here' }))], resources)
  await using elsewhere = await across(implement(Count, async () => ({ counted: [] })))
  const both = rpcClient(inProcess(here), () => (request) => elsewhere.rpc.call(Count, Object(request)))
  assert.deepEqual(await both.call(Weigh, { product_id: 'a' }), { grams: 'here' })
  assert.deepEqual(plain(await both.call(Count, { product_ids: ['a'] })), { counted: [] })
  await assert.rejects(rpcClient().call(Weigh, { product_id: 'a' }), /no URL is known/)
})

test('a service that is not there is RpcUnavailable at once', async () => {
  using grpc = overGrpc({ urlsOf: () => ['grpc://127.0.0.1:1'], token: 'fleet', platform })
  await assert.rejects(rpcClient(grpc).call(Weigh, { product_id: 'a' }), RpcUnavailable)
})

test('a call without the token of the fleet is turned away', async () => {
  const registry = openRegistry()
  registry.provide([implement(Weigh, async () => ({}))], resources)
  await using server = await serveGrpc({ registry, token: 'fleet', host: '127.0.0.1', port: 0, log: quiet })
  using grpc = overGrpc({ urlsOf: () => [server.url], token: 'another', platform })
  await assert.rejects(rpcClient(grpc).call(Weigh, { product_id: 'a' }), /UNAUTHENTICATED: RPC_TOKEN/)
})

test('a procedure that the .proto file lacks is told at the start', async () => {
  const registry = openRegistry()
  registry.provide([implement({ ...Weigh, method: 'Measure' }, async () => ({}))], resources)
  await assert.rejects(
    serveGrpc({ registry, token: 'fleet', host: '127.0.0.1', port: 0, log: quiet }),
    /warehouse\.test\.proto: the service test\.warehouse\.v1\.Warehouse has no Measure/,
  )
})

test('the server tells its health by the standard protocol', async () => {
  const registry = openRegistry()
  registry.provide([implement(Weigh, async () => ({}))], resources)
  await using server = await serveGrpc({ registry, token: 'fleet', host: '127.0.0.1', port: 0, log: quiet })
  const client = new Client(new URL(server.url).host, credentials.createInsecure())
  const check = methodOf({
    service: 'grpc.health.v1.Health',
    method: 'Check',
    proto: new URL('grpc/health.proto', import.meta.url),
  })
  const ask = (name: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        check.path,
        check.requestSerialize,
        check.responseDeserialize,
        { service: name },
        (error, answer) => (error === null ? resolve(answer) : reject(error)),
      )
    })
  assert.deepEqual(plain(await ask('')), { status: 1 })
  assert.deepEqual(plain(await ask(service)), { status: 1 })
  await assert.rejects(ask('test.Nothing'), (error: ServiceError) => error.code === status.NOT_FOUND)
  client.close()
})

/** Without protobufjs' prototypes. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
