import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { slice } from '@kit/testing/slice'
import type { Slice } from '@kit/testing/slice'
import { sortings } from './sortings.ts'
import { catalog } from '../service.ts'
import { inventoryPlayed } from '../test-inventory.ts'

const ada = { id: '01930000-0000-7000-8000-0000000000a1' }
const eve = { id: '01930000-0000-7000-8000-0000000000e1' }

// Four products, created in this order, one second apart.
const assortment = [
  { name: 'Chair', brand_name: 'Thonet', price: 125, inventory: 4, as: ada, shelf: 'seats' },
  { name: 'armchair', brand_name: 'Vitra', price: 900, inventory: 1, as: eve, shelf: 'seats' },
  { name: 'Table', brand_name: 'Thonet', price: 400, inventory: 2, as: ada, shelf: 'tables' },
  { name: 'Stool', brand_name: 'Artek', price: 125, inventory: 9, as: eve, shelf: 'seats' },
] as const

void suite('the lists of the catalogue', () => {
  let shop: Slice
  const shelves: Record<string, string> = {}

  before(async () => {
    shop = await slice(catalog, { procedures: inventoryPlayed().procedures })
    for (const name of ['seats', 'tables']) {
      const { body } = await shop.request('POST', '/api/v1/categories', { as: ada, body: { name } })
      shelves[name] = (body as { category: { id: string } }).category.id
    }
    for (const { as, shelf, ...product } of assortment) {
      shop.platform.clock.advance(1000)
      await shop.request('POST', '/api/v1/products', { as, body: { ...product, category_id: shelves[shelf] } })
    }
  })
  after(() => shop[Symbol.asyncDispose]())

  type Page = {
    readonly data: readonly { readonly name: string; readonly inventory: number }[]
    readonly page: { readonly next: string | null }
  }

  const list = async (query: string): Promise<Page> => {
    const { status, body } = await shop.request('GET', `/api/v1/products?${query}`)
    assert.equal(status, 200, JSON.stringify(body))
    return body as Page
  }
  const names = async (query: string) => (await list(query)).data.map(({ name }) => name)

  const orders = [
    ['', ['Stool', 'Table', 'armchair', 'Chair']],
    ['sort=created_at', ['Chair', 'armchair', 'Table', 'Stool']],
    ['sort=-created_at', ['Stool', 'Table', 'armchair', 'Chair']],
    ['sort=price', ['Chair', 'Stool', 'Table', 'armchair']],
    ['sort=-price', ['armchair', 'Table', 'Stool', 'Chair']],
    ['sort=name', ['armchair', 'Chair', 'Stool', 'Table']],
    ['sort=-name', ['Table', 'Stool', 'Chair', 'armchair']],
  ] as const

  for (const [query, expected] of orders) {
    test(`the list by ${query || 'default'}, in one page and in pages of one`, async () => {
      assert.deepEqual(await names(query), expected)
      const found: string[] = []
      let cursor = ''
      for (;;) {
        const { data, page } = await list(`${query}&limit=1${cursor}`)
        found.push(...data.map(({ name }) => name))
        if (page.next === null) break
        cursor = `&cursor=${page.next}`
      }
      assert.deepEqual(found, expected)
    })
  }

  test('filters narrow the list, alone and together', async () => {
    const byAge = 'sort=created_at&'
    assert.deepEqual(await names(`${byAge}category_id=${shelves['tables']}`), ['Table'])
    for (const name of ['seller_id', 'owner'])
      assert.deepEqual(await names(`${byAge}${name}=${eve.id}`), ['armchair', 'Stool'])
    assert.deepEqual(await names(`${byAge}brand_name=Thonet`), ['Chair', 'Table'])
    assert.deepEqual(await names(`${byAge}name=CHAIR`), ['Chair', 'armchair'])
    assert.deepEqual(await names(`${byAge}price_min=125&price_max=400`), ['Chair', 'Table', 'Stool'])
    assert.deepEqual(await names(`${byAge}brand_name=Thonet&price_max=125`), ['Chair'])
  })

  test('a listed product has its stock', async () => {
    const { data } = await list('sort=created_at')
    assert.deepEqual(
      data.map(({ inventory }) => inventory),
      [4, 1, 2, 9],
    )
  })

  test('what reads like SQL is text: it finds nothing, and the products stay', async () => {
    for (const text of ["' or 1=1 --", '%', '_', "'; drop table product; --", '\\'])
      assert.deepEqual(await names(`name=${encodeURIComponent(text)}`), [])
    assert.equal((await names('')).length, 4)
  })

  test('only the sorts that there are, and cursors of the same list, are taken', async () => {
    const { page } = await list('limit=1&sort=price')
    const refused = [
      'sort=id',
      'sort=price%20desc',
      'sort=(select%201)',
      'limit=0',
      'limit=101',
      'limit=1e9',
      'price_min=-1',
      'category_id=1',
      'cursor=e30',
      'cursor=nonsense',
      `cursor=${page.next}&sort=name`,
      `cursor=${page.next}&sort=price&brand_name=Vitra`,
    ]
    for (const query of refused) {
      const { status, body } = await shop.request('GET', `/api/v1/products?${query}`)
      assert.deepEqual([status, (body as { code: string }).code], [400, 'invalid-request'], query)
    }
  })

  test('categories are listed by name and shown one by one', async () => {
    const first = (await shop.request('GET', '/api/v1/categories?limit=1')).body as Page
    const second = (await shop.request('GET', `/api/v1/categories?limit=1&cursor=${first.page.next}`)).body as Page
    assert.deepEqual([first.data[0]?.name, second.data[0]?.name, second.page.next], ['seats', 'tables', null])
    const { body } = await shop.request('GET', `/api/v1/categories/${shelves['seats']}`)
    assert.deepEqual((body as { category: unknown }).category, first.data[0])
    const absent = await shop.request('GET', '/api/v1/categories/01930000-0000-7000-8000-0000000000ff')
    assert.deepEqual([absent.status, (absent.body as { code: string }).code], [404, 'category-not-found'])
  })

  test('a category is also answered under the misspelt name that older clients read', async () => {
    const { status, body } = await shop.request('POST', '/api/v1/categories', {
      as: ada,
      body: { name: 'Lamps', description: 'Light' },
    })
    const { category, categoty } = body as { category: Record<string, unknown>; categoty: unknown }
    assert.equal(status, 201)
    assert.deepEqual(categoty, category)
    assert.deepEqual([category['name'], category['description']], ['Lamps', 'Light'])
  })

  // In the order of the language; two are called alike.
  const words = ['Apple', 'apple pie', 'banana', '\u00c9clair', 'zebra', 'zebra', 'Zoo']

  /** All pages of two, of either list. */
  const inPages = async (path: string): Promise<readonly { readonly id: string; readonly name: string }[]> => {
    const found = []
    for (let next: string | null = ''; next !== null;) {
      const { body } = await shop.request('GET', `${path}&limit=2${next === '' ? '' : `&cursor=${next}`}`)
      const { data, page } = body as { data: { id: string; name: string }[]; page: { next: string | null } }
      found.push(...data)
      next = page.next
    }
    return found
  }

  test('by name is by the order of the language, page by page, and those of one name by id', async () => {
    const bob = { id: '01930000-0000-7000-8000-0000000000b0' }
    for (const name of ['zebra', 'Zoo', 'E\u0301clair', 'Apple', 'zebra', 'banana', 'apple pie']) {
      await shop.request('POST', '/api/v1/categories', { as: bob, body: { name } })
      const body = { name, price: 1, inventory: 1, category_id: shelves['seats'] }
      assert.equal((await shop.request('POST', '/api/v1/products', { as: bob, body })).status, 201)
    }
    const products = await inPages(`/api/v1/products?sort=name&owner=${bob.id}`)
    assert.deepEqual(
      products.map(({ name }) => name),
      words,
    )
    const zebras = products.filter(({ name }) => name === 'zebra').map(({ id }) => id)
    assert.deepEqual(zebras, zebras.toSorted())
    assert.deepEqual(await inPages(`/api/v1/products?sort=-name&owner=${bob.id}`), products.toReversed())
    const categories = (await inPages('/api/v1/categories?')).filter(({ name }) => words.includes(name))
    assert.deepEqual(
      categories.map(({ name }) => name),
      words,
    )
  })

  test('a name is found in either form of its letters, and in capitals', async () => {
    for (const text of ['\u00e9clair', 'e\u0301clair', '\u00c9CLAIR', 'E\u0301'])
      assert.deepEqual(await names(`name=${encodeURIComponent(text)}`), ['\u00c9clair'], text)
  })

  test('the list by name is read from its index, without sorting', async () => {
    for (const [sort, after] of [
      ['name', undefined],
      ['-name', undefined],
      ['name', 'banana'],
      ['-name', 'banana'],
    ] as const) {
      const text = `explain ${sortings[sort].select.text}`
      const none = [null, null, null, null, null, null]
      const values = [...none, after, after && ada.id, 3]
      const plan = await shop.db.transaction(async (tx) => {
        // In a small table sorting costs nothing.
        void tx.query({ name: 'as if it were large', text: `set local enable_bitmapscan = off` })
        return tx.query<Record<string, string>>({ name: `${sort} after ${after}`, text }, values)
      })
      const lines = plan.map((line) => Object.values(line)[0]).join('\n')
      assert.match(lines, /Index Scan .*using product_in_order/)
      assert.doesNotMatch(lines, /Sort/)
      if (after !== undefined) assert.match(lines, /Index Cond: \(ROW\(.*name.*, id\) [<>] /)
    }
  })

  test('a page may end with the longest name that there is', async () => {
    const longest = ['\u{1f389}', '\u0001'].map((letter) => letter.repeat(199) + 'x')
    for (const name of longest) {
      const body = { name, price: 1, category_id: shelves['tables'] }
      assert.equal((await shop.request('POST', '/api/v1/products', { as: ada, body })).status, 201)
      const { status } = await shop.request('POST', '/api/v1/categories', { as: ada, body: { name } })
      assert.equal(status, 201)
    }
    for (const path of ['/api/v1/products?sort=name', '/api/v1/categories?'])
      assert.equal((await inPages(path)).filter(({ name }) => longest.includes(name)).length, 2, path)
  })
})
