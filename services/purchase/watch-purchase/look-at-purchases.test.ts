import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StockRefused } from '@argosy/contracts/messages/inventory'
import { ada, bought, eve, fan, lamp, openShop } from '../test-shop.ts'

const as = { id: ada }

test('a purchase shows what was bought at which price, and how it ended', async () => {
  await using shop = await openShop()
  const lines = [
    [lamp, 2],
    [fan, 9],
  ] as const
  const id = await bought(shop, { lines, card: '4000000000000002' })
  const at = shop.platform.clock.now().toISOString()
  const { updated_at: _, ...shown } = (await shop.request('GET', `/api/v1/purchases/${id}`, { as })).body as {
    updated_at: string
  }
  assert.deepEqual(shown, {
    id,
    purchase_id: id,
    status: 'pending',
    step: 'reserve stock',
    lines: [
      { product_id: lamp, name: 'Lamp', price: 1_250, quantity: 2, amount: 2_500, seller_id: eve },
      { product_id: fan, name: 'Fan', price: 197, quantity: 9, amount: 1_772, seller_id: eve },
    ],
    amount: 4_272,
    currency_code: 'USD',
    rates: { VND: 1 / 25_400 },
    payment_method: 'card',
    created_at: at,
    timestamp: at,
  })
  await shop.deliver(StockRefused({ purchase_id: id, reason: 'out-of-stock' }))
  const { status, step, reason } = (await shop.request('GET', `/api/v1/purchases/${id}`, { as })).body as Record<
    string,
    string
  >
  assert.deepEqual([status, step, reason], ['refused', 'reserve stock', 'out-of-stock'])
})

test('somebody else’s purchase is like one that does not exist', async () => {
  await using shop = await openShop()
  const id = await bought(shop)
  for (const path of ['', '/history', '/events']) {
    const theirs = await shop.request('GET', `/api/v1/purchases/${id}${path}`, { as: { id: eve } })
    const absent = await shop.request('GET', `/api/v1/purchases/${ada}${path}`, { as })
    assert.equal(theirs.status, 404)
    assert.equal(absent.status, 404)
    assert.equal((theirs.body as { code: string }).code, 'purchase-not-found')
    assert.equal((await shop.request('GET', `/api/v1/purchases/${id}${path}`)).status, 401)
    assert.equal((await shop.request('GET', `/api/v1/purchases/nonsense${path}`, { as })).status, 400)
  }
})

test('the list has the caller’s own, newest first, page by page', async () => {
  await using shop = await openShop()
  const ids: string[] = []
  for (let i = 0; i < 5; i++) {
    shop.platform.clock.advance(1_000)
    ids.unshift(await bought(shop))
  }
  await bought(shop, { as: eve })
  type List = { data: { purchase_id: string }[]; page: { next: string | null } }
  const seen: string[] = []
  let cursor: string | null = ''
  let pages = 0
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`
    const { body } = await shop.request('GET', `/api/v1/purchases?limit=2${query}`, { as })
    seen.push(...(body as List).data.map(({ purchase_id }) => purchase_id))
    cursor = (body as List).page.next
    pages++
  }
  assert.deepEqual(seen, ids)
  assert.equal(pages, 3)
  assert.equal((await shop.request('GET', '/api/v1/purchases?cursor=made-up', { as })).status, 400)
})

const idsOf = (events: unknown): string[] => [...String(events).matchAll(/^id: (\d+)$/gm)].map(([, id]) => id ?? '')

test('the story as events and as history is the same; a client that comes back gets the rest', async () => {
  await using shop = await openShop()
  const id = await bought(shop)
  await shop.deliver(StockRefused({ purchase_id: id, reason: 'out-of-stock' }))
  const { history } = (await shop.request('GET', `/api/v1/purchases/${id}/history`, { as })).body as {
    history: { n: number; what: string; step: string; detail?: string }[]
  }
  assert.deepEqual(
    history.slice(0, 3).map(({ n, what, detail }) => [n, what, detail]),
    [
      [1, 'asked', undefined],
      [2, 'refused', 'out-of-stock'],
      [3, 'ended', 'refused'],
    ],
  )
  const events = `/api/v1/purchases/${id}/events`
  const all = await shop.request('GET', events, { as })
  assert.match(String(all.headers['content-type']), /^text\/event-stream/)
  assert.match(String(all.body), /event: refused\ndata: \{.*"what":"ended"/)
  assert.deepEqual(
    idsOf(all.body),
    history.map(({ n }) => String(n)),
  )
  const rest = await shop.request('GET', events, { as, headers: { 'last-event-id': '2' } })
  assert.deepEqual(
    idsOf(rest.body),
    history.slice(2).map(({ n }) => String(n)),
  )
  const none = await shop.request('GET', events, { as, headers: { 'last-event-id': String(history.length) } })
  assert.equal(none.status, 204)
})

test('who watches is told of a change without delay', async () => {
  await using shop = await openShop()
  const id = await bought(shop)
  const watching = shop.request('GET', `/api/v1/purchases/${id}/events`, { as })
  await shop.deliver(StockRefused({ purchase_id: id, reason: 'out-of-stock' }))
  assert.match(String((await watching).body), /event: refused/)
})

test(
  'a purchase has places for so many who watch it; the next is told to come again',
  { timeout: 60_000 },
  async () => {
    await using shop = await openShop()
    const id = await bought(shop)
    const events = `/api/v1/purchases/${id}/events`
    const before = statementsOf(shop)
    const answered: Awaited<ReturnType<typeof shop.request>>[] = []
    const some = Promise.withResolvers<void>()
    const watching = Array.from({ length: 1_003 }, async () => {
      answered.push(await shop.request('GET', events, { as }))
      if (answered.length === 3) some.resolve()
    })
    await some.promise
    for (const { status, headers, body } of answered.splice(0)) {
      assert.deepEqual([status, (body as { code: string }).code], [429, 'rate-limited'])
      assert.ok(headers['retry-after'])
    }
    const asked = statementsOf(shop) - before
    assert.ok(asked < 1_100, `${asked} statements for 1,000 requests and what they are told together`)
    await shop.deliver(StockRefused({ purchase_id: id, reason: 'out-of-stock' }))
    await Promise.all(watching)
    assert.equal(answered.length, 1_000)
    for (const { body } of answered) assert.match(String(body), /event: refused/)
    assert.equal((await shop.request('GET', events, { as })).status, 200)
  },
)

/** What the service has asked its database so far. */
const statementsOf = ({ db }: { readonly db: unknown }): number =>
  (db as { readonly stats: () => { readonly statements: number } }).stats().statements
