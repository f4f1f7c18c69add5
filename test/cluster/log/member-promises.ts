import assert from 'node:assert/strict'
import type { Promised } from './ground.ts'
import { handledMore, KEYS, sentMore, writer } from './load.ts'
import { Scene } from './scene.ts'

/** Ms within which the others read what one read that has stopped to answer. */
const TAKEN_OVER = 10_000

/** Who reads what, while processes come and go. */
export const memberPromises: readonly Promised[] = [
  [
    'messages of a key take effect once, in the order in which they were sent, whoever else sends and reads',
    async (ground) => {
      await using scene = await Scene.open(ground)
      await scene.reader('one')
      await scene.hire('other', { reads: `${scene.name}-other` })
      const writers = await Promise.all(['a', 'b', 'c'].map((name) => writer(scene, name)))
      await sentMore(scene, 600)
      await Promise.all(writers.map((each) => each.leave()))
      for (const group of [scene.name, `${scene.name}-other`]) {
        await scene.allSeen(10_000, group)
        await scene.assertOnce(group)
      }
    },
  ],
  [
    'two members share the work, and one that leaves gives it to the other; nothing is lost, and the order is kept',
    async (ground) => {
      await using scene = await Scene.open(ground)
      const writes = await writer(scene, 'a')
      const one = await scene.reader('one')
      await handledMore(scene, [one], 50)
      const two = await scene.reader('two')
      await handledMore(scene, [one, two], 50)
      await two.leave()
      await handledMore(scene, [one], 100)
      await writes.leave()
      await scene.allSeen(TAKEN_OVER)
      await scene.assertOnce()
    },
  ],
  [
    'a member that stands still loses its share within 10 s, and does no harm when it goes on',
    async (ground) => {
      await using scene = await Scene.open(ground)
      const writes = await writer(scene, 'a')
      // They take their time for a batch, so that the one is stopped in the middle of it.
      const slowly = { reads: scene.name, takes: 50 }
      const members = [await scene.hire('one', slowly), await scene.hire('two', slowly)] as const
      await handledMore(scene, members, 50)
      const [one, two] = members
      const still = one.freeze()
      const stopped = performance.now()
      await scene.say(...KEYS.map((key) => ({ key, n: 1 })))
      await scene.until(
        'all that was sent after it stopped is handled by the other',
        async () => {
          const seen = new Set((await scene.seen()).map(({ key }) => key))
          return KEYS.every((key) => seen.has(key))
        },
        TAKEN_OVER,
      )
      assert.ok(performance.now() - stopped < TAKEN_OVER)
      still[Symbol.dispose]()
      await handledMore(scene, [one, two], 50)
      await writes.leave()
      await scene.allSeen(TAKEN_OVER)
      await scene.assertOnce()
    },
  ],
]
