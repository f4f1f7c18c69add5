import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openHealth } from './health.ts'
import { openLog } from './log.ts'

const lines: Record<string, unknown>[] = []
const log = openLog({ level: 'info', to: { write: (line) => void lines.push(JSON.parse(line)) } })

test('each check says why it is not ready, at the same time; what is thrown is told to the log alone', async () => {
  lines.length = 0
  const health = openHealth({ log, deadline: 100 })
  health.add('database account', async () => undefined)
  health.add('log', async () => 'stands still for 7 s')
  health.add('members', () => Promise.reject(Object.assign(new Error('no way to db.internal'), { code: 'ECONNRESET' })))
  for (const name of ['slow', 'slower']) health.add(name, () => new Promise(() => undefined))
  const began = performance.now()
  assert.deepEqual(await health.look(), {
    'database account': undefined,
    log: 'stands still for 7 s',
    members: 'failed (ECONNRESET)',
    slow: 'no answer within 100 ms',
    slower: 'no answer within 100 ms',
  })
  assert.ok(performance.now() - began < 190, 'one after the other')
  assert.match(JSON.stringify(lines[0]), /db\.internal/)
  assert.deepEqual(lines[1]?.['msg'], 'not ready')
})

test('a flood of probes costs one look; a check without an answer is not asked again', async () => {
  const health = openHealth({ log, deadline: 40, keep: 80 })
  const asked = { quick: 0, hanging: 0 }
  const answer = Promise.withResolvers<undefined>()
  health.add('quick', async () => (asked.quick++, undefined))
  health.add('hanging', () => {
    asked.hanging++
    return answer.promise
  })
  await Promise.all(Array.from({ length: 1_000 }, () => health.look()))
  await health.look()
  assert.deepEqual(asked, { quick: 1, hanging: 1 })
  await sleep(100)
  assert.equal((await health.look())['hanging'], 'no answer within 40 ms')
  assert.deepEqual(asked, { quick: 2, hanging: 1 })
  answer.resolve(undefined)
  await sleep(100)
  assert.equal((await health.look())['hanging'], undefined)
  assert.deepEqual(asked, { quick: 3, hanging: 2 })
})

test('the log is told when it changes, and only then', async () => {
  lines.length = 0
  const health = openHealth({ log, keep: 0 })
  let reason: string | undefined
  using _check = health.add('log', async () => reason)
  await health.look()
  reason = 'stands still'
  await health.look()
  await health.look()
  reason = undefined
  await health.look()
  assert.deepEqual(
    lines.map(({ level, msg, reasons }) => [level, msg, reasons]),
    [
      ['warn', 'not ready', { log: 'stands still' }],
      ['info', 'ready again', undefined],
    ],
  )
})

test('what is not vital is told as well, and the log says that most of the work goes on', async () => {
  lines.length = 0
  const health = openHealth({ log, keep: 0 })
  health.add('database', async () => undefined)
  using _check = health.add('upstream order', async () => 'cannot be reached', { vital: false })
  assert.deepEqual(await health.look(), { database: undefined, 'upstream order': 'cannot be reached' })
  assert.deepEqual([health.isVital('database'), health.isVital('upstream order')], [true, false])
  assert.equal(lines[0]?.['msg'], 'ready for a part of its work')
})

test('a check that is taken away is not asked any more; no two have one name', async () => {
  const health = openHealth({ log, keep: 0 })
  const check = health.add('log', async () => 'no')
  assert.throws(() => health.add('log', async () => undefined), /a check log is there already/)
  check[Symbol.dispose]()
  assert.deepEqual(await health.look(), {})
})
