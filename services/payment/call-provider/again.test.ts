import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallProvider } from '../provider-job.ts'
import type { AskedCall } from '../provider-job.ts'
import { again, silenceIn, silenceOf } from './again.ts'

const asked: AskedCall = {
  purchase_id: '01930000-0000-7000-8000-0000000000a1',
  operation: 'authorize',
  amount: 2_500,
  currency_code: 'USD',
}
const now = new Date('2026-01-01T00:00:00Z')

/** A provider that takes so many ms to fail each call, until it has been silent for 30 s. */
const untilSilent = (ms: number, random: number) => {
  let call = asked
  let passed = 0
  for (let calls = 1; ; calls++) {
    passed += ms
    if (silenceOf(call, { is: 'unanswered', ms }) >= 30_000) return { calls, passed }
    const { data, runAt } = again(call, { is: 'unanswered', ms }, now, random)
    passed += (runAt?.getTime() ?? 0) - now.getTime()
    call = CallProvider.parse(data)
  }
}

test('silence is counted in time, whether calls fail at once or hang, and the waits between them belong to it', () => {
  for (const random of [0, 0.99]) {
    assert.ok(untilSilent(5, random).passed < 46_000)
    assert.ok(untilSilent(5, random).calls >= 7, 'not for a few failures in a row')
    assert.ok(untilSilent(7_000, random).passed < 40_000)
    assert.ok(untilSilent(7_000, random).calls >= 4)
  }
})

test('it is asked again for ever, at least every quarter of a minute and a half of that by chance', () => {
  let call = asked
  const waits: number[] = []
  for (let n = 0; n < 2_000; n++) {
    const { data, runAt, key } = again(call, { is: 'unanswered', ms: 3 }, now, 0)
    assert.equal(key, asked.purchase_id)
    waits.push((runAt?.getTime() ?? 0) - now.getTime())
    call = CallProvider.parse(data)
  }
  assert.deepEqual(waits.slice(0, 9), [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000])
  assert.equal(waits.at(-1), 15_000)
  assert.equal(call.unanswered?.calls, 2_000)
})

test('a try of a process that stood still says nothing of the provider', () => {
  assert.equal(silenceIn(6_900, 5_000), 6_900)
  assert.equal(silenceIn(100_000, 5_000), 0)
})
