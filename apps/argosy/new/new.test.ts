import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { Stop } from '../command-line/exit-code.ts'
import { appendModule } from './edit.ts'
import { namesOf } from './names.ts'
import { planService } from './service.ts'
import { openTree, type Tree } from './tree.ts'
import { planUseCase } from './use-case.ts'

// Planned in this very tree, and never committed.
const planned = (plan: (tree: Tree) => void): Tree => {
  const tree = openTree(import.meta.dirname)
  plan(tree)
  return tree
}
const refused = (plan: (tree: Tree) => void, message: RegExp): void => {
  assert.throws(
    () => planned(plan),
    (error) => {
      assert.ok(error instanceof Stop, String(error))
      assert.equal(error.exitCode, 2)
      assert.match(error.message, message)
      return true
    },
  )
}

test('a use case gets its folder, contract, migration, row and line', () => {
  const tree = planned((each) => planUseCase(each, 'catalog', 'pin-product'))
  assert.match(tree.read('services/catalog/pin-product/route.ts'), /export const pinProduct = route\(PinProduct,/)
  assert.match(tree.read('services/catalog/pin-product/route.ts'), /from '@argosy\/contracts\/messages\/catalog'/)
  assert.match(tree.read('services/catalog/pin-product/pin-product.test.ts'), /slice\(catalog\)/)
  assert.match(
    tree.read('contracts/http/catalog.ts'),
    /export const PinProduct = endpoint\(\{\n.*\n {2}path: '\/api\/v1\/products\/pinned'/,
  )
  assert.match(tree.read('contracts/messages/catalog.ts'), /ProductPinned = event\(\n {2}'catalog\.product-pinned\.v1'/)
  // Behind all that are there, however many they are by now.
  const migration = tree.list('services/catalog/migrations').at(-1) ?? ''
  assert.match(migration, /^\d{4}-pin-product\.sql$/)
  assert.match(tree.read(`services/catalog/migrations/${migration}`), /create table pinned_product \(/)
  assert.match(
    tree.read('services/catalog/README.md'),
    /\| `tell-products\/` \|\n\| Pin product \| `pin-product\/` \|\n/,
  )
  assert.match(tree.read('services/catalog/service.ts'), /routes: \[pinProduct, /)
})

test('a service is named wherever it must be known', () => {
  const tree = planned((each) => planService(each, 'loyalty', 'grant-point'))
  assert.match(tree.read('contracts/services.ts'), /\n {2}loyalty: \{\n[^}]*\/api\/v1\/loyalty/)
  assert.match(tree.read('apps/argosy/fleet.ts'), /import \{ loyalty \} from '@services\/loyalty\/service'/)
  assert.match(tree.read('apps/argosy/fleet.ts'), /const own: .* = \{ loyalty,/)
  const packages = ['apps/argosy/package.json', 'package-lock.json'].map((file) => tree.read(file))
  for (const text of packages) assert.match(text, /"@services\/loyalty": "0\.1\.0"/)
  const { dependencies } = JSON.parse(tree.read('services/loyalty/package.json')) as { dependencies: object }
  assert.deepEqual(Object.keys(dependencies), [
    '@argosy/contracts',
    '@kit/http',
    '@kit/postgres',
    '@kit/problem',
    '@kit/service',
    '@kit/testing',
    'typebox',
  ])
})

test('a name that is taken is refused, and says by what', () => {
  refused(
    (tree) => planUseCase(tree, 'catalog', 'update-product'),
    /"update-product" is taken in catalog: services\/catalog/,
  )
  refused((tree) => planUseCase(tree, 'inventory', 'release-stock'), /inventory\.ts has StockReleased/)
  for (const name of ['order', 'gateway', 'launch', 'while', 'sandbox'])
    refused((tree) => planService(tree, name), new RegExp(`the name "${name}" is taken`))
})

test('a name of another form is refused, with one of the right form', () => {
  for (const name of ['pin', 'PinProduct', 'pin_product', 'pin-', '../pin-product', 'pin-1'])
    refused((tree) => planUseCase(tree, 'catalog', name), /verb-noun in small letters, like send-parcel; ".*" is not/)
  for (const name of ['gift-card', 'Loyalty', 'x', '../x', '7up'])
    refused((tree) => planService(tree, name), /one word of 3 to 30 small letters and digits; ".*" is not/)
})

test('a service that is not there is refused, with those that are', () => {
  for (const name of ['loyalty', 'gateway', '../kit', '('])
    refused((tree) => planUseCase(tree, name, 'pin-product'), /there is no service ".*" .* account, catalog, inventory/)
})

test('outside of the source tree there is nothing to write to', () => {
  assert.throws(() => openTree(tmpdir()), /is not in the source tree: argosy new writes source files/)
})

test('names follow the English of verbs and nouns', () => {
  const of = (useCase: string) => {
    const { event, kept, path } = namesOf('depot', useCase, ['/api/v1/depot', '/api/v1/boxes'])
    return [event, kept, path]
  }
  assert.deepEqual(of('ship-gift-card'), ['gift-card-shipped', 'shipped-gift-card', '/api/v1/depot/gift-cards'])
  assert.deepEqual(of('send-entry'), ['entry-sent', 'sent-entry', '/api/v1/depot/entries'])
  assert.deepEqual(of('close-box'), ['box-closed', 'closed-box', '/api/v1/boxes/closed'])
  assert.deepEqual(of('apply-rule'), ['rule-applied', 'applied-rule', '/api/v1/depot/rules'])
  assert.deepEqual(of('grant-points'), ['points-granted', 'granted-points', '/api/v1/depot/points'])
  assert.deepEqual(of('add-address'), ['address-added', 'added-address', '/api/v1/depot/addresses'])
  assert.deepEqual(of('open-box'), ['box-opened', 'opened-box', '/api/v1/boxes/opened'])
})

test('a second use case with the same noun has a path of its own', () => {
  const tree = planned((each) => {
    planService(each, 'loyalty', 'grant-point')
    planUseCase(each, 'loyalty', 'withdraw-point')
  })
  const paths = [...tree.read('contracts/http/loyalty.ts').matchAll(/path: '(.*)'/g)].map(([, path]) => path)
  assert.deepEqual(paths, ['/api/v1/loyalty/points', '/api/v1/loyalty/points/withdrawn'])
  assert.match(tree.read('services/loyalty/migrations/0002-withdraw-point.sql'), /create table withdrawn_point/)
})

test('what a module imports is imported once', () => {
  const there = "import { a } from './a.ts'\nimport {\n  b,\n} from './b.ts'\n\nexport const x = a + b\n"
  const more =
    "import { c } from './a.ts'\nimport D from 'd'\nimport { b } from './b.ts'\n\nexport const y = b + c + D\n"
  assert.equal(
    appendModule(there, more),
    "import { a, c } from './a.ts'\nimport { b } from './b.ts'\nimport D from 'd'\n\n" +
      'export const x = a + b\n\nexport const y = b + c + D\n',
  )
})
