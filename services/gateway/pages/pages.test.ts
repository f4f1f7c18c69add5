import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { surroundings, verifierOf } from '@kit/http/test-surroundings'
import { generalProblems } from '@kit/problem/general'
import { Create } from 'typebox/value'
import { config } from '../config.ts'
import { readContracts } from '../contracts.ts'
import { policyOf } from '../policies.ts'
import { gateway } from '../service.ts'
import { prefersHtml } from './accept.ts'
import { markup } from './html.ts'
import { markdownToHtml } from './markdown.ts'

const contracts = await readContracts()

const open = (change: Partial<ReturnType<typeof defaults>> = {}) =>
  gateway.open({ ...surroundings(), config: { ...defaults(), ...change }, verifier: verifierOf({}), mounted: {} })

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

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

test('the link to an order asks people to sign in, and leads programs to the API', async () => {
  await using server = await open()
  const id = '01930000-0000-7000-8000-000000000001'
  const page = await server.app.inject({ url: `/o/${id}`, headers: browser })
  assert.equal(page.statusCode, 200)
  assert.match(page.body, new RegExp(`<form method="post" action="/o/${id}/sign-in">`))
  const led = await server.app.inject(`/o/${id}`)
  assert.deepEqual([led.statusCode, led.headers.location], [307, `/api/v1/orders/${id}`])
  const capitals = id.replace('0193', 'ABCD')
  assert.equal((await server.app.inject({ url: `/o/${capitals}`, headers: browser })).statusCode, 200)
  for (const path of ['/o/1', `/o/${id}%3Cscript%3E`, '/o/constructor']) {
    assert.equal((await server.app.inject({ url: path, headers: browser })).statusCode, 404)
  }
})

test('a page stands while the services behind it do not, and allows its own style and no other', async () => {
  await using server = await open()
  for (const url of ['/', '/problems', '/nowhere']) {
    const { body, headers } = await server.app.inject({ url, headers: browser })
    const policy = String(headers['content-security-policy'])
    const style = /<style>([^]*?)<\/style>/.exec(body)?.[1] ?? ''
    assert.ok(policy.startsWith("default-src 'none'; "), policy)
    assert.ok(policy.includes(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`), url)
    assert.doesNotMatch(policy, /unsafe|\*/)
  }
  assert.match((await server.app.inject('/')).body, /The catalogue cannot be asked at the moment/)
})

test('a page stands while something else answers in the place of a service', async () => {
  await using proxy = createServer((_request, response) => response.writeHead(502).end('<h1>Bad gateway</h1>')).listen()
  await once(proxy, 'listening')
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  await using server = await open({ CATALOG_URL: [url], ACCOUNT_URL: [url] })
  const home = await server.app.inject({ url: '/', headers: browser })
  assert.deepEqual([home.statusCode, home.body.includes('The catalogue cannot be asked')], [200, true])
  const path = '/o/01930000-0000-7000-8000-000000000001/sign-in'
  const tried = await server.app.inject({ method: 'POST', url: path, headers: browser, payload: {} })
  assert.equal(tried.statusCode, 503)
  assert.match(tried.body, /role="alert"><p>That did not work\./)
})

test('a problem is a page to people and a document to programs, also one from another process', async () => {
  await using service = await open()
  const url = await service.listen({ host: '127.0.0.1', port: 0 })
  await using server = await open({ MAIL_URL: [url] })
  for (const [path, status, words] of [
    ['/nowhere', 404, 'There is nothing here'],
    ['/mailbox', 503, 'The mail service does not run here'],
    ['/api/v1/orders', 401, 'Sign in first'],
    ['/problems/unheard-of', 404, 'There is nothing here'],
    ['/%zz', 400, 'The address holds a broken percent-encoding'],
  ] as const) {
    const page = await server.app.inject({ url: path, headers: browser })
    assert.deepEqual([page.statusCode, page.headers['content-type']], [status, 'text/html; charset=utf-8'], path)
    assert.ok(page.body.includes(words), page.body)
    assert.equal(Number(page.headers['content-length']), Buffer.byteLength(page.body))
    const head = await server.app.inject({ method: 'HEAD', url: path, headers: browser })
    assert.deepEqual([head.statusCode, head.body], [status, ''], path)
    for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html']) {
      const told = await server.app.inject({ url: path, headers: accept === undefined ? {} : { accept } })
      assert.match(String(told.headers['content-type']), /^application\/problem\+json/)
      assert.equal(told.json().status, status)
      assert.match(String(told.headers['vary']), /Accept/)
    }
  }
})

test('a slash too many leads to the page without it, and never elsewhere', async () => {
  await using server = await open()
  for (const [from, to] of [
    ['/docs/', '/docs'],
    ['/mailbox/?q=a/', '/mailbox?q=a/'],
    ['/problems//', '/problems'],
    ['/openapi.json/', '/openapi.json'],
    ['/nowhere/', '/nowhere'],
  ] as const) {
    const { statusCode, headers } = await server.app.inject(from)
    assert.deepEqual([statusCode, headers.location], [308, to], from)
  }
  for (const path of [
    '//elsewhere.example/',
    '/a//elsewhere.example/',
    '/\\elsewhere.example/',
    '/api/v1/orders/',
    '/api/',
    '/',
    '/?a=/',
  ]) {
    assert.equal((await server.app.inject(path)).headers.location, undefined, path)
  }
  assert.equal((await server.app.inject({ method: 'POST', url: '/docs/' })).statusCode, 404)
  // An address that nearly fits must not cost more than its length: 764 ms when it was read again from every slash.
  const began = performance.now()
  assert.equal((await server.app.inject(`/a${'/'.repeat(15_000)}x?/?`)).headers.location, undefined)
  assert.ok(performance.now() - began < 200)
})

test('who likes HTML better than JSON is a person', () => {
  for (const accept of [
    browser.accept,
    'text/html',
    'TEXT/HTML, */*;q=0.1',
    'application/json;q=0.5, text/html;q=0.9',
  ]) {
    assert.equal(prefersHtml(accept), true, accept)
  }
  for (const accept of [
    undefined,
    '',
    '*/*',
    'application/json',
    'text/html;q=0',
    'text/html;q=0.5, */*',
    'text/html;q=x',
  ]) {
    assert.equal(prefersHtml(accept), false, accept)
  }
})

test('what is put into a page is escaped', () => {
  const inner = markup`<b>${'<i>'}</b>`
  assert.equal(
    markup`<p title="${'"'}">${['<', inner, 1]}${undefined}${null}${false}</p>`.text,
    '<p title="&quot;">&lt;<b>&lt;i&gt;</b>1</p>',
  )
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
