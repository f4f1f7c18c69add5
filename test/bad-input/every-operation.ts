// Everything that /openapi.json offers, asked wrongly in every way: always a 4xx problem, the field named, nothing changed.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { Shop, type Person } from '../fleet/shop.ts'
import { addressOf, badAddresses } from './addresses.ts'
import { ask, comparable, complaintsOf } from './ask.ts'
import { impossible } from './beyond-schemas.ts'
import { bodyMistakes, fieldMistakes } from './bodies.ts'
import { operationsOf, type Operation } from './document.ts'
import { badHeaders, neededHeaders } from './headers.ts'
import { flawIn } from './problem.ts'
import { sampleOf, textOf } from './schema.ts'
import { allTables, changesIn, restingTables } from './tables.ts'
import { badAuthorizations, resigned } from './tokens.ts'

/** Where the shop is, and the tables behind it. Its JWT_PRIVATE_KEY is `ownJwk()`. */
export type Stage = AsyncDisposable & {
  readonly url: string
  readonly databaseUrl: string
  /** What its processes have logged. */
  readonly log: () => string
}

/** Registers the tests of all operations, on a shop that is opened before the first and closed after the last. */
export const askEveryOperation = (open: () => Promise<Stage>): void => {
  let stage: Stage
  let operations: readonly Operation[]
  let owner: Person
  let stranger: Person
  let purchaseId: string
  let productId: string
  let untouched: ReadonlyMap<string, string>

  before(async () => {
    stage = await open()
    const shop = new Shop(stage.url)
    operations = operationsOf((await shop.call('GET', '/openapi.json')).body)
    owner = await shop.person('Ada')
    stranger = await shop.person('Eve')
    const product = await shop.product(owner, await shop.category(owner))
    productId = product.id
    purchaseId = (await shop.buy(owner, [[product, 1]])).body.purchase_id
    await shop.end(owner, purchaseId)
    untouched = await restingTables(stage.databaseUrl)
  })
  after(() => stage?.[Symbol.asyncDispose]())
  const authorized = (operation: Operation, who = owner): Record<string, string> => ({
    ...neededHeaders(operation),
    ...(operation.isGuarded && { authorization: `Bearer ${who.token}` }),
  })

  test('there are operations, some of each kind', () => {
    assert.ok(operations.length > 35, String(operations.length))
    assert.ok(operations.filter(({ body }) => body !== undefined).length > 8)
  })

  test('every field of every body', async () => {
    const cases = operations.flatMap((operation) =>
      fieldMistakes(operation.body ?? {}).map((mistake) => ({ operation, ...mistake })),
    )
    assert.ok(cases.length > 500, String(cases.length))
    const complaints = await complaintsOf(cases, async ({ operation, what, text, pointer }) => {
      const headers = { ...json, ...authorized(operation) }
      const told = await ask(stage.url, { method: operation.method, path: addressOf(operation), headers, body: text })
      const flaw = flawIn(told, { pointer })
      return flaw && `${operation.name}, ${what}: ${flaw}`
    })
    assert.deepEqual(complaints, [])
  })

  test('every body as a whole', async () => {
    const cases = operations
      .filter(takesBody)
      .flatMap((operation) => bodyMistakes(operation.body).map((mistake) => ({ operation, ...mistake })))
    const complaints = await complaintsOf(cases, async ({ operation, what, text }) => {
      const headers = { ...json, ...authorized(operation) }
      const told = await ask(stage.url, { method: operation.method, path: addressOf(operation), headers, body: text })
      const flaw = flawIn(told)
      return flaw && `${operation.name}, ${what}: ${flaw}`
    })
    assert.deepEqual(complaints, [])
  })

  test('every body too large, of another type, or not of UTF-8', async () => {
    const cases = operations
      .filter(takesBody)
      .flatMap((operation) => [
        { operation, type: 'application/json; charset=iso-8859-1', body: goodBody(operation) ?? '{}', status: 415 },
        { operation, type: 'application/json', body: Buffer.from('{"name":"\u00e9"}', 'latin1'), status: 400 },
        { operation, type: 'application/json', body: `{"a":"${'x'.repeat(1_048_576)}"}`, status: 413 },
        ...[
          'text/plain',
          'text/csv',
          'application/xml',
          ...(operation.takesForms ? [] : ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']),
          'nonsense',
        ].map((type) => ({ operation, type, body: goodBody(operation) ?? '{}', status: 415 })),
      ])
    const complaints = await complaintsOf(cases, async ({ operation, type, body, status }) => {
      const headers = { 'content-type': type, ...authorized(operation) }
      const told = await ask(stage.url, { method: operation.method, path: addressOf(operation), headers, body })
      const flaw = flawIn(told, { status })
      return flaw && `${operation.name}, ${type}: ${flaw}`
    })
    assert.deepEqual(complaints, [])
  })

  test('every parameter of every address', async () => {
    const cases = operations.flatMap((operation) =>
      badAddresses(operation).map((mistake) => ({ operation, ...mistake })),
    )
    assert.ok(cases.length > 300, String(cases.length))
    const complaints = await complaintsOf(cases, async ({ operation, what, path, pointer }) => {
      const headers = { ...(takesBody(operation) ? json : {}), ...authorized(operation) }
      const told = await ask(stage.url, { method: operation.method, path, headers, body: goodBody(operation) })
      const flaw = flawIn(told, { pointer })
      return flaw && `${operation.name}, ${what}: ${flaw}`
    })
    assert.deepEqual(complaints, [])
  })

  test('every header', async () => {
    const cases = operations.flatMap((operation) => badHeaders(operation).map((mistake) => ({ operation, ...mistake })))
    assert.ok(cases.length > 15, String(cases.length))
    const complaints = await complaintsOf(cases, async ({ operation, what, headers, pointer }) => {
      const { authorization } = authorized(operation)
      const sent = { ...(takesBody(operation) ? json : {}), ...(authorization && { authorization }), ...headers }
      const path = addressOf(operation)
      const body = goodBody(operation)
      const told = await ask(stage.url, { method: operation.method, path, headers: sent, body })
      const flaw = flawIn(told, { status: 400, pointer })
      return flaw && `${operation.name}, ${what}: ${flaw}`
    })
    assert.deepEqual(complaints, [])
  })

  test('every id in capitals is the same id', async () => {
    const cases = operations.filter(({ path }) => path.includes('{'))
    const complaints = await complaintsOf(cases, async (operation) => {
      const sent = async (id: string): Promise<string> => {
        const path = addressOf(operation, { id, product_id: id })
        const headers = { ...(takesBody(operation) ? json : {}), ...authorized(operation, stranger) }
        const told = await ask(stage.url, { method: operation.method, path, headers, body: goodBody(operation) })
        return comparable(told, id)
      }
      const [small, capital] = [await sent(ABSENT), await sent(ABSENT.toUpperCase())]
      // What is said of it names it as it is kept.
      const same = small === capital.replaceAll(ABSENT, '<id>')
      return same ? undefined : `${operation.name}: ${small} is not ${capital}`
    })
    assert.deepEqual(complaints, [])
    const mine = { token: owner.token }
    const shop = new Shop(stage.url)
    assert.equal((await shop.call('GET', `/api/v1/purchases/${purchaseId.toUpperCase()}`, mine)).status, 200)
    const query = `id=${productId.toUpperCase()}&quantity=1`
    assert.deepEqual((await shop.call('GET', `/api/v1/products/check?${query}`)).body, { valid: true })
    const body = { id: productId.toUpperCase(), quantity: 1 }
    assert.deepEqual((await shop.call('POST', '/api/v1/products/check', { body })).body, { valid: true })
  })

  test('all mistakes of a body at once', async () => {
    const cases = operations.filter(({ body }) => Object.keys(body?.properties ?? {}).length > 1)
    assert.ok(cases.length > 8, String(cases.length))
    const complaints = await complaintsOf(cases, async (operation) => {
      const names = Object.keys(operation.body?.properties ?? {})
      const body = JSON.stringify(Object.fromEntries(names.map((name) => [name, null])))
      const headers = { ...json, ...authorized(operation) }
      const told = await ask(stage.url, { method: operation.method, path: addressOf(operation), headers, body })
      const flaws = names.map((name) => flawIn(told, { status: 400, pointer: `/${name}` })).filter(Boolean)
      return flaws.length === 0 ? undefined : `${operation.name}: ${flaws.join(', ')}`
    })
    assert.deepEqual(complaints, [])
  })

  test('what has the right form and cannot be', async () => {
    const complaints = await complaintsOf(
      impossible(productId),
      async ({ what, method, path, body, headers, pointer }) => {
        const sent = { ...json, authorization: `Bearer ${owner.token}`, ...headers }
        const text = body === undefined ? undefined : JSON.stringify(body)
        const flaw = flawIn(await ask(stage.url, { method, path, headers: sent, body: text }), { pointer })
        return flaw && `${what}: ${flaw}`
      },
    )
    assert.deepEqual(complaints, [])
  })

  test('every method that an address does not have', async () => {
    const paths = [...new Set(operations.map(({ path }) => path))]
    const cases = paths.flatMap((path) =>
      ['PATCH', 'DELETE', 'PUT', 'POST', 'GET'].flatMap((method) =>
        operations.some((one) => one.path === path && one.method === method) ? [] : [{ method, path }],
      ),
    )
    const complaints = await complaintsOf(cases, async ({ method, path }) => {
      const told = await ask(stage.url, { method, path: path.replaceAll(/\{\w+\}/g, randomUUID()) })
      // An address may be taken for another with a parameter: /products/check is also a product with a bad id.
      const flaw = flawIn(told)
      return flaw && `${method} ${path}: ${flaw}`
    })
    assert.deepEqual(complaints, [])
  })

  test('every operation that wants a token, with each that proves nothing', async () => {
    const authorizations = Object.entries(badAuthorizations(owner))
    const guarded = operations.filter(({ isGuarded }) => isGuarded)
    assert.ok(guarded.length > 15, String(guarded.length))
    const cases = guarded.flatMap((operation) =>
      authorizations.map(([what, authorization]) => ({ operation, what, authorization })),
    )
    const complaints = await complaintsOf(cases, async ({ operation, what, authorization }) => {
      const headers = {
        ...(takesBody(operation) ? json : {}),
        ...(authorization === undefined ? {} : { authorization }),
      }
      const path = addressOf(operation, { id: purchaseId, product_id: productId })
      const told = await ask(stage.url, { method: operation.method, path, headers, body: goodBody(operation) })
      const flaw = flawIn(told, { status: 401, code: 'unauthenticated' })
      if (flaw === undefined && !String(told.headers['www-authenticate']).startsWith('Bearer'))
        return `${operation.name}, ${what}: no WWW-Authenticate`
      return flaw && `${operation.name}, ${what}: ${flaw}`
    })
    assert.deepEqual(complaints, [])
    const shop = new Shop(stage.url)
    assert.equal(
      (await shop.call('GET', '/api/v1/purchases', { token: resigned(owner.token) })).status,
      200,
      'the counter-check',
    )
  })

  test("other people's ids are like absent ones", async () => {
    const cases = operations.filter(({ isGuarded, path }) => isGuarded && path.includes('{'))
    assert.ok(cases.length > 5, String(cases.length))
    const complaints = await complaintsOf(cases, async (operation) => {
      const sent = async (id: string): Promise<string> => {
        const path = addressOf(operation, { id, product_id: id })
        const headers = { ...(takesBody(operation) ? json : {}), ...authorized(operation, stranger) }
        return comparable(
          await ask(stage.url, { method: operation.method, path, headers, body: goodBody(operation) }),
          id,
        )
      }
      const isProduct = /products|inventory/.test(operation.path)
      const theirs = await sent(isProduct ? productId : purchaseId)
      const absent = await sent(randomUUID())
      // That a product exists everybody may know: for what is not one's own, forbidden is the answer that helps.
      if (isProduct) return /^40[34] /.test(theirs) ? undefined : `${operation.name}: ${theirs}`
      return theirs === absent && theirs.startsWith('404 ')
        ? undefined
        : `${operation.name}: ${theirs} is not ${absent}`
    })
    assert.deepEqual(complaints, [])
  })

  test('after all that, every table is as it was', async () => {
    assert.deepEqual(changesIn(untouched, await allTables(stage.databaseUrl)), [])
    assert.doesNotMatch(stage.log(), /a request failed|a schema let through/)
  })
}

const ABSENT = '01930000-0000-7000-8000-0000000000ff'
const json = { 'content-type': 'application/json' }
const takesBody = ({ method }: Operation): boolean => method !== 'GET' && method !== 'HEAD'

/** A body that fits, for the cases where something else is wrong. */
const goodBody = ({ body }: Operation): string | undefined => (body === undefined ? undefined : textOf(sampleOf(body)))
