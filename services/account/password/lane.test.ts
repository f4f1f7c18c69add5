import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLane } from './lane.ts'

const gated = () => {
  const gates: (() => void)[] = []
  let most = 0
  let now = 0
  const work = async () => {
    most = Math.max(most, ++now)
    await new Promise<void>((resolve) => gates.push(resolve))
    now--
    return 'done'
  }
  return { gates, work, most: () => most }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))
const patient = new AbortController().signal

test('one passes, two wait, a fourth is turned away', async () => {
  const lane = openLane({ width: 1, queue: 2 })
  const { gates, work, most } = gated()
  const passing = [1, 2, 3].map(() => lane.pass(work, patient))
  assert.equal(await lane.pass(work, patient), undefined)
  for (let opened = 0; opened < 3; opened++) {
    await turn()
    gates[opened]?.()
  }
  assert.deepEqual(await Promise.all(passing), ['done', 'done', 'done'])
  assert.equal(most(), 1)
})

test('whoever stops waiting gives up the place in the queue', async () => {
  const lane = openLane({ width: 1, queue: 1 })
  const { gates, work } = gated()
  const first = lane.pass(work, patient)
  const gone = new AbortController()
  const second = lane.pass(work, gone.signal)
  gone.abort()
  assert.equal(await second, undefined)
  const third = lane.pass(work, patient)
  gates[0]?.()
  await turn()
  gates[1]?.()
  assert.deepEqual(await Promise.all([first, third]), ['done', 'done'])
})

test('a failure leaves the lane open', async () => {
  const lane = openLane({ width: 1, queue: 1 })
  await assert.rejects(lane.pass(() => Promise.reject(new Error('no')), patient))
  assert.equal(await lane.pass(() => Promise.resolve('yes'), patient), 'yes')
})
