import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeringNames, httpVariableOf, rpcVariableOf, serviceNames } from '@argosy/contracts/services'
import { describeConfig } from '@kit/config/describe'
import { openLog } from '@kit/telemetry/log'
import { gateway } from '@services/gateway/service'
import { Stop } from '../command-line/exit-code.ts'
import { services } from '../fleet.ts'
import { settings } from '../settings.ts'
import { choose, fleet, readConfig } from './config.ts'

const own = 'whsec_c29tZXRoaW5nIHRoYXQgbm9ib2R5IGtub3dz'
const log = openLog({ level: 'silent' })
const read = (only: string | undefined, env: Readonly<Record<string, string>>) =>
  readConfig(env, choose(services, only?.split(',')), log)
const stops = (told: RegExp) => (error: unknown) =>
  error instanceof Stop && told.test([error.message, ...error.also].join('\n'))

test('the services that start are those of the table, in its order', () => {
  assert.deepEqual(
    services.map(({ name }) => name),
    serviceNames,
  )
})

test('the whole fleet in one process needs to know of nobody', () => {
  assert.equal(read(undefined, {}).fleet.ACCOUNT_URL, undefined)
})

test('a service alone must know where the keys of access tokens are', () => {
  assert.throws(() => read('order', {}), stops(/Set ACCOUNT_URL/))
  assert.throws(() => read('gateway', {}), stops(/Set ACCOUNT_URL/))
  assert.equal(read('account', {}).fleet.ACCOUNT_URL, undefined)
  assert.deepEqual(read('mail', { ACCOUNT_URL: 'http://127.0.0.1:7001' }).fleet.ACCOUNT_URL, ['http://127.0.0.1:7001'])
})

test('a service alone must know where those are that it calls', () => {
  const needed = {
    order: ['PAYMENT'],
    purchase: ['CATALOG', 'PAYMENT'],
    catalog: ['INVENTORY'],
    inventory: ['CATALOG'],
  }
  for (const [only, called] of Object.entries(needed)) {
    const known: Record<string, string> = { ACCOUNT_URL: 'http://127.0.0.1:7001', RPC_TOKEN: 'a-secret-of-the-fleet' }
    for (const service of called) {
      assert.throws(
        () => read(only, known),
        stops(new RegExp(`${service}_RPC_URL: is not set, and ${only} calls .* Set ${service}_RPC_URL`)),
      )
      known[`${service}_RPC_URL`] = 'grpc://127.0.0.1:7101'
    }
    assert.ok(read(only, known))
  }
})

test('nobody needs the address of whom it has beside it', () => {
  assert.ok(read('order,payment', { ACCOUNT_URL: 'http://127.0.0.1:7001', PAYMENT_WEBHOOK_SECRETS: own }))
})

test('calling others needs their secret', () => {
  const env = { ACCOUNT_URL: 'http://127.0.0.1:7001', CATALOG_RPC_URL: 'grpc://127.0.0.1:7102' }
  assert.throws(() => read('inventory', env), stops(/Set RPC_TOKEN/))
  assert.ok(read('inventory', { ...env, RPC_TOKEN: 'a-secret-of-the-fleet' }))
})

test('each variable that says where a service answers takes several addresses, and tells which of them is wrong', () => {
  const http = serviceNames.map(httpVariableOf)
  const rpc = answeringNames.map(rpcVariableOf)
  const envOf = (...[a, b]: readonly [http: string, rpc: string]) => ({
    ...Object.fromEntries([
      ...http.map((name) => [name, `http://a:1,${a}`]),
      ...rpc.map((name) => [name, `grpc://a:1,${b}`]),
    ]),
    RPC_TOKEN: 'a-secret-of-the-fleet',
    PAYMENT_WEBHOOK_SECRETS: own,
  })
  const { gateway, fleet } = read('gateway', envOf('https://b:2', 'grpcs://b:2'))
  for (const name of http) assert.deepEqual(gateway[name], ['http://a:1', 'https://b:2'])
  for (const name of rpc) assert.deepEqual(fleet[name], ['grpc://a:1', 'grpcs://b:2'])
  const told = (error: unknown): boolean => {
    assert.ok(error instanceof Stop)
    const lines = [error.message, ...error.also]
    const about = lines.map(
      (line) => /^(\w+): "b:2" does not begin with .+, for example \1=\w+:\/\/\S+,\w+:\/\/\S+ /.exec(line)?.[1],
    )
    assert.deepEqual(about.map(String).toSorted(), [...http, ...rpc].toSorted())
    return true
  }
  assert.throws(() => read('gateway', envOf('b:2', 'b:2')), told)
})

test('the provider of payments and the payment service each have an address of their own', () => {
  const env = {
    ACCOUNT_URL: 'http://127.0.0.1:7001',
    PAYMENT_URL: 'sandbox:',
    PAYMENT_HTTP_URL: 'http://127.0.0.1:7005',
    PAYMENT_WEBHOOK_SECRETS: own,
  }
  assert.deepEqual(read('gateway', env).gateway.PAYMENT_HTTP_URL, ['http://127.0.0.1:7005'])
  assert.ok(read('payment', env))
})

test('webhooks are signed with what everybody knows only where the whole shop is for trying out, on this machine', () => {
  const env = { ACCOUNT_URL: 'http://127.0.0.1:7001' }
  const refused = stops(/PAYMENT_WEBHOOK_SECRETS: .+ known to everybody.+ Set PAYMENT_WEBHOOK_SECRETS to/)
  assert.ok(read(undefined, {}))
  assert.ok(read('mail', { ...env, HOST: '0.0.0.0' }), 'it reads no webhooks')
  assert.throws(() => read(undefined, { HOST: '0.0.0.0' }), refused)
  assert.throws(() => read(undefined, { NODE_ENV: 'production' }), refused)
  // Its gateway may be reached by anybody.
  assert.throws(() => read('payment', env), refused)
  const known = 'whsec_YXJnb3N5IHNhbmRib3gsIG5vdCBhIHNlY3JldA=='
  assert.throws(() => read(undefined, { HOST: '0.0.0.0', PAYMENT_WEBHOOK_SECRETS: `${own},${known}` }), refused)
  assert.ok(read(undefined, { HOST: '0.0.0.0', NODE_ENV: 'production', PAYMENT_WEBHOOK_SECRETS: own }))
})

test('all mistakes are told together, one in a line, also those of what does not go together', () => {
  const env = {
    PORT: 'eighty',
    DATABASE_URL: 'mysql://db/shop',
    MAIL_DATABASE_URL: 'postgres://db/mail',
    CATALOG_RPC_URL: '127.0.0.1:7102',
    PASSWORD_HASHERS: 'many',
  }
  assert.throws(
    () => read('account,purchase', env),
    (error) => {
      assert.ok(error instanceof Stop)
      const lines = [error.message, ...error.also]
      assert.deepEqual(
        lines.map((line) => /^(\w+): [^\n]+ Set \1 to [^\n]+$/.exec(line)?.[1]),
        ['PORT', 'DATABASE_URL', 'CATALOG_RPC_URL', 'PASSWORD_HASHERS', 'LOG_URL', 'PAYMENT_RPC_URL', 'RPC_TOKEN'],
        lines.join('\n'),
      )
      return true
    },
  )
})

test('what a setting takes is told by an example that it takes, never by a pattern', () => {
  const all = [settings, fleet, gateway.config, ...services.map(({ config }) => config)]
  for (const schema of all) {
    for (const [name, property] of Object.entries(schema.properties)) {
      const { pattern, examples, default: usual } = Object(property)
      if (pattern === undefined) continue
      const samples: readonly string[] = examples ?? [usual]
      for (const sample of samples) assert.match(sample, new RegExp(pattern, 'u'), name)
    }
  }
  for (const { name, expects } of describeConfig(Object.fromEntries(all.entries())))
    assert.doesNotMatch(expects, /\^|matches/, name)
})
