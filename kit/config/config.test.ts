import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import Type from 'typebox'
import { Addresses } from './addresses.ts'
import { mistakesText, parseConfig } from './config.ts'
import { Decimals } from './decimals.ts'
import { describeConfig } from './describe.ts'
import { Duration, Durations, durationText, milliseconds } from './duration.ts'

const server = Type.Object({
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535, description: 'Where to listen.' }),
  DEMO: Type.Boolean({ default: true }),
  LOG_LEVEL: Type.Union([Type.Literal('debug'), Type.Literal('info')], { default: 'info' }),
  CODE_LIFETIME: Duration({ default: '10m', minimum: '1s', description: 'How long a code is valid.' }),
  API_TOKEN: Type.Optional(Type.String({ secret: true, pattern: '^[a-z]+$' })),
  RATES: Type.Record(Type.String(), Type.Number(), { default: {} }),
  ORIGINS: Type.Array(Type.String(), { default: [] }),
})

const mistakes = (env: Record<string, string>) => {
  const parsed = parseConfig({ server }, env)
  assert.ok(!parsed.ok)
  return mistakesText(parsed.mistakes)
}
const values = (env: Record<string, string>) => {
  const parsed = parseConfig({ server }, env)
  assert.ok(parsed.ok, parsed.ok ? '' : mistakesText(parsed.mistakes))
  return parsed.values.server
}

test('an empty environment gives the defaults; an absent optional setting is absent', () => {
  assert.deepEqual(values({ PORT: '' }), {
    PORT: 8080,
    DEMO: true,
    LOG_LEVEL: 'info',
    CODE_LIFETIME: 600_000,
    RATES: {},
    ORIGINS: [],
  })
})

test('texts become numbers, switches, durations, lists and objects', () => {
  const read = values({ PORT: '0', DEMO: 'off', CODE_LIFETIME: '1h30m', RATES: '{"VND":25000}', ORIGINS: 'a, b' })
  assert.deepEqual(
    [read.PORT, read.DEMO, read.CODE_LIFETIME, read.RATES, read.ORIGINS],
    [0, false, 5_400_000, { VND: 25_000 }, ['a', 'b']],
  )
})

test('all mistakes are told together, each with its fix', () => {
  assert.equal(
    mistakes({ PORT: '80a', LOG_LEVEL: 'loud', CODE_LIFETIME: '10', DEMO: 'maybe' }),
    [
      'PORT: "80a" is not a whole number from 0 to 65535. Set PORT to a whole number from 0 to 65535, for example PORT=8080 (Where to listen).',
      'DEMO: "maybe" is not on or off. Set DEMO to on or off, for example DEMO=on.',
      'LOG_LEVEL: "loud" is not one of debug, info. Set LOG_LEVEL to one of debug, info, for example LOG_LEVEL=info.',
      'CODE_LIFETIME: "10" is not a duration like 30s, 10m or 4h from 1s. Set CODE_LIFETIME to a duration like 30s, 10m or 4h from 1s, for example CODE_LIFETIME=10m (How long a code is valid).',
    ].join('\n'),
  )
})

test('a number beyond its limits is a mistake', () => {
  for (const PORT of ['-1', '65536', '1.5', '1e3', '0x10']) assert.match(mistakes({ PORT }), /^PORT: /)
})

test('a required setting that is not set is named', () => {
  const parsed = parseConfig({ a: Type.Object({ URL: Type.String({ description: 'Where it is.' }) }) }, {})
  assert.ok(!parsed.ok)
  assert.equal(mistakesText(parsed.mistakes), 'URL: is not set. Set URL to a text (Where it is).')
})

test('a secret is read from a file, and its value is never shown', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'token')
  writeFileSync(file, 'sesame\n')
  assert.equal(values({ API_TOKEN_FILE: file }).API_TOKEN, 'sesame')
  assert.doesNotMatch(mistakes({ API_TOKEN: 'S3SAME' }), /S3SAME/)
})

test('where a text has a form, samples show it; the pattern only where there are none', () => {
  const told = (options: Readonly<Record<string, unknown>>) => {
    const parsed = parseConfig(
      { a: Type.Object({ AT: Type.String({ pattern: '^[a-z]+:', ...options }) }) },
      { AT: 'here' },
    )
    return parsed.ok ? '' : mistakesText(parsed.mistakes)
  }
  const examples = ['disk:', 'tape:7']
  const set = 'AT: "here" is not a text like disk: or tape:7. Set AT to a text like disk: or tape:7.'
  assert.equal(told({ examples }), set)
  assert.equal(told({ examples, secret: true }), set.replace('"here"', 'its value'))
  assert.equal(told({ default: 'disk:' }), 'AT: "here" is not a text like disk:. Set AT to a text like disk:.')
  assert.match(told({}), /a text that matches/)
  assert.match(told({ pattern: undefined, minLength: 16 }), /is not a text of 16 characters or more\./)
})

test('a setting given twice and a file that is not there are mistakes', () => {
  assert.match(mistakes({ API_TOKEN: 'a', API_TOKEN_FILE: '/x' }), /Keep one of API_TOKEN and API_TOKEN_FILE/)
  assert.match(
    mistakes({ API_TOKEN_FILE: '/nowhere/x' }),
    /^API_TOKEN_FILE: the file \/nowhere\/x cannot be read \(ENOENT\)/,
  )
})

test('a name that resembles a setting is pointed out; others are left alone', () => {
  const warnings = (env: Record<string, string>) => {
    const parsed = parseConfig({ server }, env, ['HOST'])
    return parsed.ok ? parsed.warnings.map(({ name, fix }) => `${name}: ${fix}`) : []
  }
  assert.deepEqual(warnings({ LOGLEVEL: 'info', PROT: '1', CODE_LIFTIME: '1m' }), [
    'LOGLEVEL: Did you mean LOG_LEVEL?',
    'PROT: Did you mean PORT?',
    'CODE_LIFTIME: Did you mean CODE_LIFETIME?',
  ])
  assert.deepEqual(warnings({ HOME: '/root', PATH: '/bin', HOST: '::', TERM: 'x', API_TOKEN_FILE: '' }), [])
})

test('two parts may read the same name', () => {
  const parsed = parseConfig({ a: server, b: Type.Object({ PORT: Type.String({ default: '' }) }) }, { PORT: '1' })
  assert.ok(parsed.ok)
  assert.deepEqual([parsed.values.a.PORT, parsed.values.b.PORT], [1, '1'])
})

test('settings describe themselves', () => {
  const [first] = describeConfig({ server })
  assert.deepEqual(first, {
    name: 'API_TOKEN',
    parts: ['server'],
    expects: 'a text that matches ^[a-z]+$',
    required: false,
    secret: true,
    description: '',
  })
  assert.equal(describeConfig({ server }).find(({ name }) => name === 'CODE_LIFETIME')?.default, '10m')
})

test('the default of a secret is described like any other: it stands in the source', () => {
  const url = Type.Object({ URL: Type.String({ secret: true, default: 'inbox:' }) })
  assert.equal(describeConfig({ url })[0]?.default, 'inbox:')
})

test('a list of durations is read as milliseconds', () => {
  const schema = Type.Object({ AT: Durations({ description: 'When.', default: ['4h', '12h'] }) })
  const read = (env: Record<string, string>) => {
    const parsed = parseConfig({ schema }, env)
    return parsed.ok ? parsed.values.schema.AT : mistakesText(parsed.mistakes)
  }
  assert.deepEqual(read({}), [14_400_000, 43_200_000])
  assert.deepEqual(read({ AT: '5s, 1m30s' }), [5_000, 90_000])
  assert.deepEqual(read({ AT: '[]' }), [])
  assert.match(String(read({ AT: '5s,soon' })), /^AT: "5s,soon" is not durations with commas, like 4h,12h,22h. Set AT/)
  assert.equal(describeConfig({ schema })[0]?.default, '4h,12h')
})

test('one address or more is read as a list; each that is wrong is told in a line of its own, with an example', () => {
  const example = ['http://127.0.0.1:7004', 'http://127.0.0.1:7014']
  const schema = Type.Object({ AT: Addresses({ schemes: ['http', 'https'], description: 'Where.', example }) })
  const read = (AT: string) => {
    const parsed = parseConfig({ a: schema, b: schema }, { AT })
    return parsed.ok ? parsed.values.a.AT : mistakesText(parsed.mistakes).split('\n')
  }
  assert.deepEqual(read('http://127.0.0.1:7004'), ['http://127.0.0.1:7004'])
  const good = ['https://order.shop.example', 'http://[::1]:7004', 'http://order_2:80']
  assert.deepEqual(read(good.join(', ')), good)
  const fix =
    'Set AT to one address or more, with commas, for example AT=http://127.0.0.1:7004,http://127.0.0.1:7014 (Where).'
  const wrong: readonly (readonly [text: string, flaw: string])[] = [
    ['127.0.0.1:7004', 'does not begin with http:// or https://'],
    ['grpc://127.0.0.1:7004', 'does not begin with http:// or https://'],
    ['http://127.0.0.1:7004/', 'goes on after the host and the port'],
    ['http://127.0.0.1:99999', 'has no host, or no port from 1 to 65535'],
    ['http://me@order', 'has no host, or no port from 1 to 65535'],
    ['http://', 'has no host, or no port from 1 to 65535'],
    ['', 'is no address; there is a comma too many'],
  ]
  for (const [text, flaw] of wrong)
    assert.deepEqual(read(`http://a,${text}`), [`AT: ${JSON.stringify(text)} ${flaw}. ${fix}`])
  assert.deepEqual(read(`http://a,ftp://b,http://c,http://d/,http://a`), [
    `AT: "ftp://b" does not begin with http:// or https://. ${fix}`,
    `AT: "http://d/" goes on after the host and the port. ${fix}`,
    `AT: "http://a" is there twice. ${fix}`,
  ])
  assert.equal(describeConfig({ schema })[0]?.expects, 'one address or more, with commas')
})

test('durations are read back as they are written', () => {
  for (const ms of [0, 1, 250, 1_000, 90_000, 600_000, 14_400_000, 2_592_000_000])
    assert.equal(milliseconds(durationText(ms)), ms)
  for (const text of ['', '10', '10 m', '-1s', '1.5h', 'm', '10m!']) assert.equal(milliseconds(text), undefined)
})

test('decimals are read digit by digit as they are written, and each that is wrong is told', () => {
  const called = 'a port of the book'
  const schema = Type.Object({
    DEPTHS: Decimals({ names: ['Lund', 'Goa'], called, description: 'How deep.', default: { Lund: '1', Goa: '0.92' } }),
  })
  const read = (DEPTHS?: string) => {
    const parsed = parseConfig({ schema }, { DEPTHS })
    return parsed.ok ? parsed.values.schema.DEPTHS : mistakesText(parsed.mistakes).split('\n')
  }
  const complaint = (text: string) => JSON.stringify(read(text))
  const advice = `. Set DEPTHS to a JSON object of decimals, for example DEPTHS={"Lund":1,"Goa":0.92} (How deep).`
  assert.deepEqual(read(), { Lund: '1', Goa: '0.92' })
  assert.deepEqual(read('{"Lund":1.10,"Goa":"0.1000000000000000055"}'), { Lund: '1.10', Goa: '0.1000000000000000055' })
  assert.deepEqual(read('{"Goa":0.1000000000000000055}'), { Goa: '0.1000000000000000055' })
  assert.deepEqual(read('{}'), {})
  assert.deepEqual(read('{"Rome":2,"Goa":0.0,"Lund":-1}'), [
    `DEPTHS: "Rome" is not a port of the book${advice}`,
    `DEPTHS: "Goa" has "0.0", no decimal above 0${advice}`,
    `DEPTHS: "Lund" has "-1", no decimal above 0${advice}`,
  ])
  for (const deep of ['1e3', '"x"', '""', 'null', 'true', '[1]', '{"a":1}', '"1."', '"01"', '1234567890123456']) {
    assert.match(complaint(`{"Goa":${deep}}`), /^\["DEPTHS: .+, no decimal above 0\. /, deep)
  }
  for (const text of ['x', '[]', '1', 'null']) assert.match(complaint(text), /is not a JSON object\. /, text)
  assert.equal(describeConfig({ schema })[0]?.default, '{"Lund":1,"Goa":0.92}')
})
