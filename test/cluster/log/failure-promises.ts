import assert from 'node:assert/strict'
import { listDeadLetters, replayDeadLetter } from '@kit/messaging/dead-letters/letters'
import type { Promised } from './ground.ts'
import { KEYS } from './load.ts'
import { Scene } from './scene.ts'

/** Ms within which a group goes on when its handler is mended. */
const GOES_ON = 10_000

/** What becomes of messages that cannot be handled. */
export const failurePromises: readonly Promised[] = [
  [
    'poison is parked and later messages of its key behind it, in order; others go on, and a replay keeps the order',
    async (ground) => {
      await using scene = await Scene.open(ground)
      await scene.break('poison')
      await scene.reader('one')
      const all = (n: number) => KEYS.map((key) => ({ key, n, poison: key === 'key-7' && n === 2 }))
      for (const n of [1, 2, 3]) await scene.say(...all(n))
      const letters = async () => (await listDeadLetters(scene.db)).map(({ key, state }) => `${key} ${state}`)
      const wait = (what: string, held: () => Promise<boolean>) => scene.until(what, held, 10_000)
      await wait('two messages wait', async () => (await letters()).length === 2)
      await scene.say({ key: 'key-7', n: 4 })
      await wait('three messages wait', async () => (await letters()).length === 3)
      assert.deepEqual(await letters(), ['key-7 parked', 'key-7 behind', 'key-7 behind'])
      await wait('the others go on', async () => isSeenBut(scene, 'key-7'))
      const seen = (await scene.seen()).find(({ key }) => key === 'key-7')?.numbers
      assert.deepEqual(ground.repeats === true ? [...new Set(seen)] : seen, [1])
      await scene.mend('poison')
      const [first] = await listDeadLetters(scene.db)
      assert.equal(await replayDeadLetter(scene.db, first?.id ?? 0), 3)
      await scene.allSeen(GOES_ON)
      await scene.assertOnce()
      assert.deepEqual(await letters(), [])
    },
  ],
  [
    'a mistake that fails for every message parks none, and the group goes on within 10 s when it is mended',
    async (ground) => {
      await using scene = await Scene.open(ground)
      const reader = await scene.reader('one')
      await scene.say(...KEYS.map((key) => ({ key, n: 1 })))
      await scene.allSeen(10_000)
      await scene.break('mistake')
      await scene.say(...KEYS.map((key) => ({ key, n: 2 })))
      await scene.until('the handler fails again and again', async () => reader.failures > 100, 20_000)
      await scene.say(...KEYS.map((key) => ({ key, n: 3 })))
      assert.deepEqual(await listDeadLetters(scene.db), [])
      await scene.mend('mistake')
      await scene.allSeen(GOES_ON)
      await scene.assertOnce()
      assert.deepEqual(await listDeadLetters(scene.db), [])
    },
  ],
]

/** Whether all three messages of every key but this one have taken effect. */
const isSeenBut = async (scene: Scene, key: string): Promise<boolean> => {
  const others = (await scene.seen()).filter((each) => each.key !== key)
  return others.length === KEYS.length - 1 && others.every(({ numbers }) => new Set(numbers).size === 3)
}
