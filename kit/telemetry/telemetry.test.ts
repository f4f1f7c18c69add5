import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLog } from './log.ts'
import { openMetrics } from './metrics.ts'
import { watchPool } from './pool-metrics.ts'
import { commonTrace, newTraceparent, traceIdOf, withTrace } from './trace-context.ts'

const lines = (human = false) => {
  const written: string[] = []
  const log = openLog({ level: 'info', human, to: { write: (line) => void written.push(line) } })
  return { log, written }
}

test('a line is JSON with time, level, service and message', () => {
  const { log, written } = lines()
  log.child({ service: 'order' }).info({ orders: 3 }, 'placed')
  log.debug({}, 'not shown')
  const { time, ...rest } = JSON.parse(written.join(''))
  assert.deepEqual(rest, { level: 'info', service: 'order', orders: 3, msg: 'placed' })
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000)
})

test('passwords, tokens, authorization and cards are not logged, however deep', () => {
  const { log, written } = lines()
  log.child({ refresh_token: 'S3CRET' }).warn(
    {
      password: 'S3CRET',
      request: { headers: { Authorization: 'Bearer S3CRET' }, body: { payment: { card: { number: 'S3CRET' } } } },
      list: [{ newPassword: 'S3CRET' }],
      text: 'sent eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.S3CRET on',
      error: new Error('bad eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.S3CRET', {
        cause: Object.assign(new Error('inner'), { code: 'E1', parameters: ['S3CRET'] }),
      }),
    },
    'tried',
  )
  assert.doesNotMatch(written.join(''), /S3CRET/)
  assert.equal(JSON.parse(written.join('')).error.cause.code, 'E1')
})

test('no name stands twice in a line: what the line says itself counts', () => {
  const written: string[] = []
  const log = openLog({ level: 'debug', to: { write: (line) => void written.push(line) } })
  const child = log.child({ service: 'order', reader: 'order' }).child({ service: 'mail' })
  withTrace({ trace_id: 'aa', correlation_id: 'p1' }, () => {
    child.debug({ service: 'own', trace_id: 'bb', level: 30, time: 'noon', msg: 'a message', pid: 1 }, 'handled')
    child.child({ level: 7 }).info({ reader: 'other' }, 'read')
  })
  const [first, second] = written.map((line) => {
    const names = [...line.matchAll(/[{,]"(\w+)":/g)].map(([, name]) => name)
    assert.equal(new Set(names).size, names.length, line)
    return JSON.parse(line)
  })
  assert.deepEqual(
    [first.service, first.trace_id, first.level, first.its_level, first.its_time, first.msg],
    ['own', 'bb', 'debug', 30, 'noon', 'handled'],
  )
  assert.deepEqual([second.service, second.reader, second.its_level, second.msg], ['mail', 'other', 7, 'read'])
})

test('a person reads one line, without control characters that a caller sent', () => {
  const { log, written } = lines(true)
  log.child({ service: 'order' }).info({ name: 'a\u001b[31m\r\n12:00 error fake' }, 'placed')
  assert.match(written.join(''), /^\d\d:\d\d:\d\d\.\d{3} info {2}order: placed {2}name=a {2}12:00 error fake\n$/)
})

test('lines of a piece of work carry its trace, also after an await', async () => {
  const { log, written } = lines()
  await withTrace({ trace_id: 'aa', correlation_id: 'p1' }, async () => {
    await Promise.resolve()
    log.info({}, 'within')
  })
  log.info({}, 'outside')
  const [within, outside] = written.map((line) => JSON.parse(line))
  assert.deepEqual([within.trace_id, within.correlation_id, outside.trace_id], ['aa', 'p1', undefined])
})

test('a metric asked for twice is one; figures are collected at the scrape', async () => {
  const metrics = openMetrics()
  metrics.counter('argosy_purchases_total', 'Purchases.', ['outcome']).add({ outcome: 'completed' })
  metrics.counter('argosy_purchases_total', 'Purchases.', ['outcome']).add({ outcome: 'completed' }, 2)
  const age = metrics.gauge('argosy_outbox_age_seconds', 'Age.')
  metrics.collect(() => age.set({}, 7))
  metrics.collect(() => Promise.reject(new Error('the database is down')))
  metrics.histogram('argosy_batch', 'Sizes.', [], [1, 10]).observe({}, 5)
  const text = await metrics.text()
  assert.match(text, /argosy_purchases_total\{outcome="completed"\} 3/)
  assert.match(text, /argosy_outbox_age_seconds 7/)
  assert.match(text, /argosy_batch_bucket\{le="10"\} 1/)
  assert.throws(() => metrics.gauge('argosy_batch', 'Sizes.'), /already another kind/)
})

test("the process's own figures are there when asked for", async () => {
  const text = await openMetrics({ process: true }).text()
  for (const name of [
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_heap_size_used_bytes',
    'process_resident_memory_bytes',
  ])
    assert.match(text, new RegExp(`^${name} `, 'm'))
})

test('a W3C traceparent is read, and a malformed one is not', () => {
  const id = '4bf92f3577b34da6a3ce929d0e0e4736'
  assert.equal(traceIdOf(`00-${id}-00f067aa0ba902b7-01`), id)
  const bad = [
    '',
    `01-${id}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${id}-${'0'.repeat(16)}-01`,
  ]
  for (const text of [...bad, `00-${id.toUpperCase()}-00f067aa0ba902b7-01`]) assert.equal(traceIdOf(text), undefined)
  const platform = {
    clock: { now: () => new Date(0) },
    newId: () => '01930000-0000-7000-8000-0000000000d1',
    random: () => 0.5,
    failpoint: () => {},
  }
  assert.equal(traceIdOf(newTraceparent(id, platform)), id)
})

test("a pool's totals grow and its connections come and go", async () => {
  const metrics = openMetrics()
  let stats = { statements: 3, transactions: 1, conflicts: 0, waits: 1, connections: { open: 2, idle: 1, waiting: 0 } }
  watchPool('order', () => stats, metrics)
  await metrics.text()
  stats = { ...stats, statements: 10, connections: { open: 2, idle: 0, waiting: 4 } }
  const text = await metrics.text()
  assert.match(text, /argosy_database_statements_total\{service="order"\} 10/)
  assert.match(text, /argosy_database_connections\{service="order",state="waiting"\} 4/)
})

test('a figure that does not come is not waited for longer than 2 seconds', async () => {
  const metrics = openMetrics()
  metrics.gauge('argosy_here', 'A figure.').set({}, 1)
  metrics.collect(() => new Promise(() => undefined))
  const began = performance.now()
  assert.match(await metrics.text(), /argosy_here 1/)
  assert.ok(performance.now() - began < 3_000)
})

test('work on several stories carries what they share, and names them while they are few', () => {
  const one = { trace_id: 'aa', correlation_id: 'p1' }
  assert.deepEqual(commonTrace([one, one]), one)
  assert.deepEqual(commonTrace([one, { trace_id: 'aa', correlation_id: 'p2' }]), {
    trace_id: 'aa',
    correlation_ids: ['p1', 'p2'],
  })
  assert.deepEqual(commonTrace([one, { correlation_id: 'p1' }]), { correlation_id: 'p1' })
  assert.deepEqual(commonTrace(Array.from({ length: 11 }, (_, n) => ({ correlation_id: `p${n}` }))), {})
  assert.deepEqual(commonTrace([]), {})
})

test('a trace that has to be found out is found out once, and only for a line that is written', () => {
  const { log, written } = lines()
  let asked = 0
  const trace = () => ({ correlation_id: `p${++asked}` })
  withTrace(trace, () => log.debug({}, 'below the level'))
  assert.equal(asked, 0)
  withTrace(trace, () => {
    log.info({}, 'first')
    log.info({}, 'second')
  })
  assert.deepEqual(
    written.map((line) => JSON.parse(line).correlation_id),
    ['p1', 'p1'],
  )
})
