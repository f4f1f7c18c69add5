import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lag } from '@kit/log/log'
import type { Promised } from './ground.ts'
import { KEYS, sentMore, writer } from './load.ts'
import { Scene } from './scene.ts'

/** Seconds that messages are kept at least. */
const SHORT = 1

/** Ms within which what nobody needs is gone, after it has become that old. */
const GONE = 40_000

/** What is kept, for whom, and what is said of it. */
export const retentionPromises: readonly Promised[] = [
  [
    'a reader that is slower than messages are kept loses none',
    async (ground) => {
      await using scene = await Scene.open(ground, SHORT)
      const slow = `${scene.name}-slow`
      await scene.reader('quick')
      await scene.hire('slow', { reads: slow, takes: 2_500 })
      const writes = await writer(scene, 'a')
      await sentMore(scene, 500)
      await writes.leave()
      await scene.allSeen(40_000, slow)
      await scene.assertOnce(slow)
      await scene.allSeen(5_000)
      await scene.assertOnce()
    },
  ],
  [
    'a group that stands still finds all that was sent meanwhile, however short messages are kept',
    async (ground) => {
      await using scene = await Scene.open(ground, SHORT)
      const still = `${scene.name}-still`
      await scene.reader('quick')
      await (await scene.hire('still', { reads: still })).leave()
      const writes = await writer(scene, 'a')
      await sentMore(scene, 400)
      await writes.leave()
      await scene.hire('again', { reads: still })
      await scene.allSeen(10_000, still)
      await scene.assertOnce(still)
    },
  ],
  [
    'a group that comes late reads all that is kept, and is not told of a loss while nothing is lost',
    async (ground) => {
      await using scene = await Scene.open(ground)
      await scene.reader('first')
      for (const n of [1, 2, 3]) await scene.say(...KEYS.map((key) => ({ key, n })))
      await scene.allSeen(10_000)
      const late = `${scene.name}-late`
      await scene.hire('late', { reads: late })
      await scene.allSeen(10_000, late)
      await scene.assertOnce(late)
      assert.deepEqual(await scene.missed(late), [])
    },
  ],
  [
    'a group that comes late and whose beginning is gone is told so once, and reads from the oldest that is kept',
    async (ground) => {
      await using scene = await Scene.open(ground, SHORT)
      await scene.reader('first')
      let n = 0
      const tell = async (): Promise<void> => {
        n++
        await scene.say(...KEYS.map((key) => ({ key, n })))
        await scene.allSeen(10_000)
      }
      await tell()
      // Groups that come too early are not told of a loss. They stay, for what has left holds back what it has not read.
      let late = ''
      let tries = 0
      await scene.until(
        'the beginning is gone',
        async () => {
          await ground.drop?.(`${scene.name}.events`)
          await tell()
          late = `${scene.name}-late-${++tries}`
          await scene.hire(late, { reads: late })
          // What is told before it has joined may be gone again.
          const reads = async (): Promise<boolean> => {
            await tell()
            return (await scene.seen(late)).length === KEYS.length
          }
          await scene.until('it reads', reads, 10_000)
          return (await scene.missed(late)).length > 0
        },
        GONE,
      )
      await tell()
      await assertSuffix(scene, late, n)
      assert.deepEqual(await scene.missed(late), [`${scene.name}.events`])
      const again = await scene.hire('again', { reads: late })
      await tell()
      await assertSuffix(scene, late, n)
      assert.equal((await scene.missed(late)).length, 1, 'it is not told again')
      await again.leave()
    },
  ],
  [
    'a group that was forgotten, and comes back when its beginning is gone, is told so',
    async (ground) => {
      await using scene = await Scene.open(ground, SHORT)
      await scene.reader('first')
      const gone = `${scene.name}-gone`
      await (await scene.hire('before', { reads: gone })).leave()
      await ground.forget(scene.databaseUrl, gone)
      const writes = await writer(scene, 'a')
      await sentMore(scene, 400)
      await writes.leave()
      await ground.drop?.(`${scene.name}.events`)
      await scene.until(
        'it is told',
        async () => {
          const returned = await scene.hire('after', { reads: gone })
          await scene.until('it reads nothing more', async () => (await scene.lag(gone))?.messages === 0, 10_000)
          if ((await scene.missed(gone)).length > 0) return true
          await returned.leave()
          await ground.forget(scene.databaseUrl, gone)
          return false
        },
        GONE,
      )
    },
  ],
  [
    'how far a group is behind is told in messages and seconds, while it stands still and when it has caught up',
    async (ground) => {
      await using scene = await Scene.open(ground)
      const reader = await scene.reader('one')
      await scene.say(...KEYS.map((key) => ({ key, n: 1 })))
      await scene.allSeen(10_000)
      const lagIs = (what: string, held: (lag: Lag) => boolean): Promise<void> =>
        scene.until(
          `the lag is ${what}`,
          async () => {
            const lag = await scene.lag(scene.name)
            return lag !== undefined && held(lag)
          },
          10_000,
        )
      await lagIs('none', ({ messages, seconds }) => messages === 0 && seconds === 0)
      await reader.leave()
      const began = performance.now()
      await scene.say(...KEYS.map((key) => ({ key, n: 2 })))
      const said = performance.now()
      await scene.say(...KEYS.slice(0, 5).map((key) => ({ key, n: 3 })))
      await lagIs('37 messages', ({ messages }) => messages === 37)
      await sleep(2_000)
      const asked = performance.now()
      const { messages, seconds = 0 } = (await scene.lag(scene.name)) ?? {}
      const answered = performance.now()
      assert.equal(messages, 37)
      assert.ok(seconds > (asked - said) / 1000 - 0.5, `${seconds} s`)
      assert.ok(seconds < (answered - began) / 1000 + 0.5, `${seconds} s`)
      await scene.reader('two')
      await scene.allSeen(10_000)
      await lagIs('none', (lag) => lag.messages === 0 && lag.seconds === 0)
    },
  ],
]

/** Of every key it has seen some up to the `last`, each once, in their order, and none left out. */
const assertSuffix = async (scene: Scene, group: string, last: number): Promise<void> => {
  await scene.until(
    `${group} has read what was said last`,
    async () => (await scene.seen(group)).every(({ numbers }) => numbers.at(-1) === last),
    10_000,
  )
  for (const { key, numbers } of await scene.seen(group)) {
    const from = last + 1 - numbers.length
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => from + i),
      key,
    )
  }
}
