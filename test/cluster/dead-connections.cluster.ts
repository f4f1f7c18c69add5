// Connections to the database that die without a word: a firewall forgets them, or the network is gone.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TcpProxy } from '@kit/testing/tcp-proxy'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { Shop } from '../fleet/shop.ts'
import { eventually } from '../eventually.ts'
import { clusterUrl } from './cluster-url.ts'
import { freshDatabase } from './fresh-database.ts'
import { assertLaws } from './law-check.ts'

type Readiness = { readonly status: string; readonly reasons?: Readonly<Record<string, string>> }

const open = async (name: string, owned: AsyncDisposableStack) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'argosy-dead-'))
  owned.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  const databaseUrl = await freshDatabase(clusterUrl(), name)
  const net = owned.use(await TcpProxy.before(databaseUrl))
  const fleet = owned.use(await FleetProcess.start({ dataDir, env: { DATABASE_URL: net.url } }))
  const shop = new Shop(fleet.url)
  const buyer = await shop.person()
  const product = await shop.product(buyer, await shop.category(buyer))
  const ready = async (): Promise<Readiness> => (await shop.call<Readiness>('GET', '/readyz')).body
  // Not by the purchase's event stream: that ends when what it reads is lost.
  const completed = (id = ''): Promise<void> =>
    eventually('the purchase is completed', async () => {
      const { body } = await shop.call('GET', `/api/v1/purchases/${id}`, { token: buyer.token })
      assert.notEqual(body.status, 'cancelled')
      return body.status === 'completed'
    })
  return { databaseUrl, net, fleet, ready, completed, buy: () => shop.buy(buyer, [[product, 1]]) }
}

test('a quiet shop whose connections fall silent sells again within 15 s', { timeout: 180_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const { databaseUrl, net, ready, buy, completed } = await open('argosy_quiet', owned)
  const accepted: string[] = [(await buy()).body.purchase_id]
  await completed(accepted[0])
  // As long as nobody buys: connections rest, and those beyond the first of a pool are closed.
  await sleep(50_000)
  assert.equal((await ready()).status, 'ok')

  net.silenceExisting()
  const began = performance.now()
  // What was found a moment ago answers first.
  await eventually('it is not ready', async () => (await ready()).status === 'unavailable', 5_000)
  const { reasons = {} } = await ready()
  assert.match(JSON.stringify(reasons), /"database \w+":"(no answer within 2000 ms|failed \(CONNECTION_LOST\))"/)
  const tries: (readonly [number, number])[] = []
  for (let status = 0; status !== 201; await sleep(500)) {
    const answer = await buy()
    ;({ status } = answer)
    tries.push([Math.round(performance.now() - began), status])
    if (status === 201) accepted.push(answer.body.purchase_id)
    assert.ok(performance.now() - began < 60_000, JSON.stringify(tries))
  }
  const sold = performance.now() - began
  await completed(accepted[1])
  t.diagnostic(`sold after ${Math.round(sold)} ms, completed after ${Math.round(performance.now() - began)} ms`)
  assert.ok(sold < 15_000, JSON.stringify(tries))
  assert.equal((await ready()).status, 'ok')
  await assertLaws(databaseUrl, accepted)
})

test(
  'without anybody who asks for readiness, too, and in the middle of a purchase',
  { timeout: 180_000 },
  async (t) => {
    await using owned = new AsyncDisposableStack()
    const { databaseUrl, net, buy, completed } = await open('argosy_unasked', owned)
    const first = await buy()
    assert.equal(first.status, 201)
    net.silenceExisting()
    const began = performance.now()
    await completed(first.body.purchase_id)
    t.diagnostic(`completed after ${Math.round(performance.now() - began)} ms`)
    assert.ok(performance.now() - began < 20_000)
    await assertLaws(databaseUrl, [first.body.purchase_id])
  },
)

test('Ctrl-C ends a shop whose database is gone within 10 s and says what hung', { timeout: 120_000 }, async (t) => {
  await using owned = new AsyncDisposableStack()
  const { net, fleet, buy } = await open('argosy_hung', owned)
  // Clients that say nothing, and half of something, besides.
  const { hostname, port } = new URL(fleet.url)
  for (const words of ['', 'POST /api/v1/purchases HTTP/1.1\r\nHost: x\r\n']) {
    const socket = connect(Number(port), hostname).on('error', () => undefined)
    owned.defer(() => void socket.destroy())
    await once(socket, 'connect')
    socket.write(words)
  }
  net.silence()
  const buying = buy().catch(() => undefined)
  await sleep(500)
  const began = performance.now()
  const code = await fleet.stop()
  const took = performance.now() - began
  await buying
  t.diagnostic(`ended after ${Math.round(took)} ms with ${code}`)
  assert.ok(took < 10_000, `${took} ms`)
  if (code !== 130) assert.match(fleet.log, /"closing":"[^"]+".*not closed in time/)
})
