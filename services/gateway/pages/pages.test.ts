import assert from 'node:assert/strict'
import { test } from 'node:test'
import { surroundings, verifierOf } from '@kit/http/test-surroundings'
import { generalProblems } from '@kit/problem/general'
import { Create } from 'typebox/value'
import { config } from '../config.ts'
import { readContracts } from '../contracts.ts'
import { policyOf } from '../policies.ts'
import { gateway } from '../service.ts'
import { markdownToHtml } from './markdown.ts'

const contracts = await readContracts()

const open = (change: Partial<ReturnType<typeof defaults>> = {}) =>
  gateway.open({ ...surroundings(), config: { ...defaults(), ...change }, verifier: verifierOf({}), mounted: {} })

const defaults = () => ({ ...Create(config), RATE_LIMITS: false })

test('every general problem has its page, and the pages link to each other', async () => {
  await using server = await open()
  for (const code of Object.keys(generalProblems)) {
    const page = await server.app.inject(`/problems/${code}`)
    assert.deepEqual([code, page.statusCode, page.headers['content-type']], [code, 200, 'text/html; charset=utf-8'])
    assert.match(page.body, new RegExp(`<h1>${code}</h1>`))
  }
  assert.match((await server.app.inject('/problems/forbidden')).body, /<a href="\/problems\/not-found">/)
  assert.match((await server.app.inject('/problems')).body, /\/problems\/rate-limited/)
  for (const path of ['/problems/unheard-of', '/problems/README', '/problems/..%2Fpackage']) {
    assert.equal((await server.app.inject(path)).statusCode, 404)
  }
})

test('the API reference describes every declared operation and loads nothing from elsewhere', async () => {
  await using server = await open()
  const { paths } = (await server.app.inject('/openapi.json')).json()
  for (const { endpoint } of [...contracts.values()].flat()) {
    const path = endpoint.path.replaceAll(/:([a-z_]+)/g, '{$1}')
    assert.equal(paths[path]?.[endpoint.method.toLowerCase()]?.summary, endpoint.summary, path)
  }
  const page = await server.app.inject('/docs')
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'.*connect-src 'self'/)
  const loaded = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '')
  assert.equal(loaded.length, 3)
  for (const address of loaded) assert.equal((await server.app.inject(address)).statusCode, 200, address)
})

test('the link to an order leads to a page that says how it is paid, and shows nothing of it', async () => {
  await using server = await open()
  const id = '01930000-0000-7000-8000-000000000001'
  const page = await server.app.inject(`/o/${id}`)
  assert.equal(page.statusCode, 200)
  assert.match(page.body, new RegExp(`/api/v1/orders/${id}/pay`))
  for (const path of ['/o/1', `/o/${id}%3Cscript%3E`]) assert.equal((await server.app.inject(path)).statusCode, 404)
})

test('every declared operation has a policy and leads to its own service', () => {
  for (const [service, endpoints] of contracts) {
    for (const { method, path, aliases = [] } of endpoints.map(({ endpoint }) => endpoint)) {
      for (const each of [{ method, path }, ...aliases]) assert.equal(policyOf(each.path).to, service, each.path)
    }
  }
})

test('only the origins named may call from a page', async () => {
  await using server = await open({ CORS_ORIGINS: ['https://shop.example', 'HTTP://Till.example:80/'] })
  const from = async (origin: string) => {
    const headers = { origin, 'access-control-request-method': 'POST' }
    return (await server.app.inject({ method: 'OPTIONS', url: '/api/v1/purchases', headers })).headers
  }
  assert.equal((await from('https://shop.example'))['access-control-allow-origin'], 'https://shop.example')
  // A slash that was pasted along, capitals and the usual port make no difference.
  assert.equal((await from('http://till.example'))['access-control-allow-origin'], 'http://till.example')
  for (const origin of ['https://evil.example', 'null', 'https://shop.example.evil.example']) {
    assert.equal((await from(origin))['access-control-allow-origin'], undefined)
  }
  assert.equal((await server.app.inject('/nowhere')).statusCode, 404)
})

test('Markdown is escaped', () => {
  assert.equal(
    markdownToHtml('a <script> `x<y` [b](javascript:alert)'),
    '<p>a &lt;script&gt; <code>x&lt;y</code> [b](javascript:alert)</p>',
  )
  assert.equal(markdownToHtml('# T\n\n- a\n- b\n  c'), '<h1>T</h1>\n<ul><li>a</li><li>b\n  c</li></ul>')
})
