// What a process says of what it stands on: /readyz and /metrics of one that has lost some of it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testServer } from '@kit/embedded-postgres/test-server'
import { scratchDatabase } from '@kit/migrations/template'
import { systemPlatform } from '@kit/platform/system'
import { schemasOf } from '@kit/service/schemas'
import { openLog } from '@kit/telemetry/log'
import { checkPort } from '../doctor/port.ts'
import { checkQueue } from '../doctor/queue.ts'
import { checkUpstreams } from '../doctor/upstreams.ts'
import { services, startFleet } from '../fleet.ts'
import { watchUpstreams } from './upstreams.ts'
import { openHealth } from '@kit/telemetry/health'

/** A port that nobody listens on any more. */
const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const ready = async (url: string): Promise<{ status: number; reasons: Readonly<Record<string, string>> }> => {
  const response = await fetch(`${url}/readyz`)
  const { reasons = {} } = (await response.json()) as { reasons?: Record<string, string> }
  return { status: response.status, reasons }
}

/** The reason that a check gives in the end. */
const complains = async (url: string, check: string): Promise<string> => {
  for (const until = performance.now() + 20_000; ; await sleep(100)) {
    const reason = (await ready(url)).reasons[check]
    if (reason !== undefined) return reason
    assert.ok(performance.now() < until, `readiness says nothing of ${check}`)
  }
}

/** What is said once these checks, and no others, have a reason; on a busy machine another one may have for a moment. */
const complainsOnlyOf = async (url: string, ...checks: readonly string[]): ReturnType<typeof ready> => {
  for (const until = performance.now() + 20_000; ; await sleep(100)) {
    const said = await ready(url)
    if (Object.keys(said.reasons).toSorted().join() === checks.join()) return said
    assert.ok(performance.now() < until, `readiness says ${JSON.stringify(said.reasons)}`)
  }
}

test(
  'a broker and services that are away are told by readiness, by metrics and by doctor',
  { timeout: 60_000 },
  async ({ signal }) => {
    await using database = await scratchDatabase({ url: await testServer(), schemas: schemasOf(services) })
    const account = createServer((_request, response) => response.end('{}'))
      .listen(0, '127.0.0.1')
      .unref()
    await once(account, 'listening')
    const closed = await closedPort()
    const env = {
      DATABASE_URL: database.url,
      PORT: '0',
      ACCOUNT_URL: `http://127.0.0.1:${(account.address() as AddressInfo).port}`,
      ORDER_URL: `http://127.0.0.1:${closed}`,
      QUEUE_URL: `amqp://127.0.0.1:${closed}`,
    }
    const log = openLog({ level: 'silent' })
    const options = { env, log, platform: systemPlatform(), progress: () => () => undefined, signal }
    await using fleet = await startFleet({ ...options, only: ['payment', 'gateway'] })
    const { status, reasons } = await complainsOnlyOf(fleet.urls.api, 'jobs payment', 'upstream order')
    assert.equal(status, 503)
    assert.match(reasons['jobs payment'] ?? '', /^no connection to RabbitMQ for \d+ s \(ECONNREFUSED\)$/)
    assert.equal(reasons['upstream order'], 'cannot be reached (ECONNREFUSED)')

    const metrics = await (await fetch(`${fleet.urls.api}/metrics`)).text()
    for (const line of [
      /^argosy_broker_up\{broker="rabbitmq",service="payment"\} 0$/m,
      /^argosy_ready\{check="upstream account"\} 1$/m,
      /^argosy_ready\{check="upstream order"\} 0$/m,
      /^argosy_dead_letters\{service="payment",state="parked"\} 0$/m,
      /^argosy_jobs_waiting\{service="payment",type="payment\.call-provider"\} 0$/m,
    ])
      assert.match(metrics, line)

    const { hostname: HOST, port: PORT } = new URL(fleet.urls.api)
    const said = await checkPort({ HOST, PORT })
    assert.deepEqual(
      said.map(({ name, verdict, found }) => [verdict, name, found.split(':')[0]]),
      [
        ['ok', 'port', HOST],
        ['broken', 'readiness', 'upstream order'],
        ['broken', 'readiness', 'jobs payment'],
      ],
    )

    const broken = [...(await checkQueue(env)), ...(await checkUpstreams(env))].filter(
      ({ verdict }) => verdict !== 'ok',
    )
    assert.deepEqual(
      broken.map(({ name, verdict }) => [name, verdict]),
      [
        ['queue', 'broken'],
        ['upstreams', 'broken'],
      ],
    )
    assert.match(
      broken[0]?.found ?? '',
      new RegExp(`^RabbitMQ cannot be used at 127\\.0\\.0\\.1:${closed}: .*ECONNREFUSED`),
    )
    assert.match(broken[1]?.found ?? '', new RegExp(`^order at http://127\\.0\\.0\\.1:${closed}: cannot be reached`))
    account.closeAllConnections()
    account.close()
    await once(account, 'close')
    assert.equal(await complains(fleet.urls.api, 'upstream account'), 'cannot be reached (ECONNREFUSED)')
  },
)

test('an instance that is frozen does not hold up what is said of a service that another one serves', async () => {
  const sockets: Socket[] = []
  const frozen = createTcpServer((socket) => void sockets.push(socket.on('error', () => undefined)))
  const well = createServer((_request, response) => response.end())
  for (const server of [frozen, well]) await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const urls = [frozen, well].map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const health = openHealth({ log: openLog({ level: 'silent' }), keep: 0 })
    watchUpstreams([{ service: 'order', by: 'http', urls }], { services: [], gateway: true }, health)
    // Who waits for the frozen one never gets there within a second, however often it tries.
    for (const until = performance.now() + 15_000; ;) {
      const began = performance.now()
      assert.deepEqual(await health.look(), { 'upstream order': undefined, upstreams: undefined })
      if (performance.now() - began < 1_000) break
      assert.ok(performance.now() < until, 'readiness waits for the one that is frozen')
    }
  } finally {
    for (const socket of sockets) socket.destroy()
    frozen.close()
    well.closeAllConnections()
    well.close()
  }
})
