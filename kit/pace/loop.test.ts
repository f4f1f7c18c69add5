import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Loop, type Found } from './loop.ts'
import { startSweep } from './sweep.ts'

const HOUR = 3_600_000

test(
  'a loop that is woken while its step runs does not sleep; one that nobody wakes does',
  { timeout: 10_000 },
  async () => {
    let steps = 0
    const asleep = Promise.withResolvers<void>()
    await using loop: Loop = new Loop(
      async () => {
        if (++steps < 3) loop.wake()
        else asleep.resolve()
        return 'idle'
      },
      log(),
      undefined,
      { poll: HOUR },
    )
    loop.start()
    await asleep.promise
    await turn()
    assert.equal(steps, 3)
  },
)

test(
  'a step that fails is told of and repeated, and what follows a failure is done before',
  { timeout: 10_000 },
  async () => {
    const told: unknown[] = []
    const done = Promise.withResolvers<void>()
    const happened: string[] = []
    const step = async (): Promise<Found> => {
      happened.push('step')
      if (happened.length < 4) throw new Error('not now')
      done.resolve()
      return 'idle'
    }
    await using loop = new Loop(step, log(told), () => happened.push('after'), { poll: HOUR })
    loop.start()
    await done.promise
    assert.deepEqual(happened, ['step', 'after', 'step', 'after', 'step'])
    assert.deepEqual(told, [
      { error: 'Error: not now', failures: 1 },
      { error: 'Error: not now', failures: 2 },
    ])
  },
)

test('a loop ends after the step that is under way', { timeout: 10_000 }, async () => {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let steps = 0
  const loop = new Loop(async () => {
    steps++
    begun.resolve()
    await gate.promise
    return 'handled'
  }, log())
  loop.start()
  await begun.promise
  const ended = loop[Symbol.asyncDispose]()
  gate.resolve()
  await ended
  assert.equal(steps, 1)
})

test('a sweep goes on while it finds as many rows as it may delete at once', { timeout: 10_000 }, async () => {
  let old = 4_500
  const deleted: number[] = []
  const clean = Promise.withResolvers<void>()
  await using _sweep = startSweep({
    deleteOld: async (most) => {
      const now = Math.min(old, most)
      old -= now
      deleted.push(now)
      if (now < most) clean.resolve()
      return now
    },
    every: HOUR,
    log: log(),
  })
  await clean.promise
  assert.deepEqual(deleted, [2_000, 2_000, 500])
})

const log = (warnings: unknown[] = []) => ({
  debug: () => undefined,
  info: () => undefined,
  warn: (fields: unknown) => void warnings.push(fields),
  error: () => undefined,
  child: () => assert.fail('a loop has no children'),
})

const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
