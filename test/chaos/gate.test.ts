import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Gate } from './gate.ts'

/** How many purchases have begun after each opening. */
const begunAt = async (gate: Gate, total: number, openings: readonly (() => void)[]): Promise<readonly number[]> => {
  let begun = 0
  const customer = async (): Promise<void> => {
    for (let n = 0; n < total; n++) {
      await gate.reaches(n)
      begun++
    }
  }
  const buying = customer()
  const counts: number[] = []
  for (const open of openings) {
    open()
    await turn()
    counts.push(begun)
  }
  gate.openAll()
  await buying
  return [...counts, begun]
}

test('every stretch has its share of the purchases, the one after the last opening too', async () => {
  const gate = new Gate({ total: 200, openings: 53, atOnce: 1 })
  const counts = await begunAt(
    gate,
    200,
    Array.from({ length: 53 }, () => () => gate.open()),
  )
  const shares = counts.map((count, n) => count - (counts[n - 1] ?? 0))
  assert.deepEqual(new Set(shares), new Set([3, 4]))
  assert.equal(counts.at(-1), 200)
})

test('what is opened beside the plan leaves purchases for all that is still planned', async () => {
  const gate = new Gate({ total: 100, openings: 9, atOnce: 1 })
  const more = Array.from({ length: 5 }, () => () => gate.openOnceMore())
  const counts = await begunAt(gate, 100, [...more, ...Array.from({ length: 9 }, () => () => gate.open())])
  const shares = counts.map((count, n) => count - (counts[n - 1] ?? 0))
  assert.ok(Math.min(...shares) >= 5, shares.join())
})
