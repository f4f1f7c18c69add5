import { setTimeout as sleep } from 'node:timers/promises'
import type { Promised } from './ground.ts'
import { handledMore, sentMore, writer } from './load.ts'
import { Scene } from './scene.ts'

/** Ms within which messages flow again once the server is back. */
const BACK = 20_000

/** Ms that the server is away for, and that it stands still for: longer than a member may without being missed. */
const AWAY = 2_000
const STILL = 8_000

/** What is killed comes back, or another takes its place: nothing is lost, and nothing takes effect twice. */
export const crashPromises: readonly Promised[] = [
  [
    'a reader is killed, wherever it is: nothing is lost, and nothing takes effect twice',
    async (ground) => {
      await using scene = await Scene.open(ground)
      const writes = await writer(scene, 'a')
      for (const failpoint of ['reader.before-commit:6', 'reader.after-commit:6', 'reader.before-commit:1']) {
        await (await scene.reader(failpoint, failpoint)).dies()
      }
      for (const name of ['one', 'two', 'three']) {
        const reader = await scene.reader(name)
        await handledMore(scene, [reader], 30)
        await reader.kill()
      }
      await scene.reader('last')
      await sentMore(scene, 50)
      await writes.leave()
      await scene.allSeen(BACK)
      await scene.assertOnce()
    },
  ],
  [
    'a process that sends is killed, wherever it is: what it has committed is read, once, and nothing else',
    async (ground) => {
      await using scene = await Scene.open(ground)
      for (const failpoint of ['outbox.before-wake:1', 'outbox.before-wake:5', ...(ground.failpoints ?? [])]) {
        await (await writer(scene, 'a', failpoint)).dies()
      }
      await scene.reader('one')
      for (let n = 0; n < 3; n++) {
        const writes = await writer(scene, 'a')
        await sentMore(scene, 60)
        await writes.kill()
      }
      await scene.allSeen(BACK)
      await scene.assertOnce()
    },
  ],
  [
    'the server is killed and started again: messages flow, nothing is lost, and nothing takes effect twice',
    async (ground) => {
      await using scene = await Scene.open(ground)
      const writes = await writer(scene, 'a')
      const members = [await scene.reader('one'), await scene.reader('two')]
      await handledMore(scene, members, 30)
      await ground.kill()
      await sleep(AWAY)
      await ground.run()
      await sentMore(scene, 100, BACK)
      await handledMore(scene, members, 30)
      await writes.leave()
      await scene.allSeen(BACK)
      await scene.assertOnce()
    },
  ],
  [
    'the server stands still and goes on: messages flow, nothing is lost, and nothing takes effect twice',
    async (ground) => {
      await using scene = await Scene.open(ground)
      const writes = await writer(scene, 'a')
      const members = [await scene.reader('one'), await scene.reader('two')]
      await handledMore(scene, members, 30)
      {
        using _still = ground.freeze()
        await sleep(STILL)
      }
      await sentMore(scene, 100, BACK)
      await handledMore(scene, members, 30)
      await writes.leave()
      await scene.allSeen(BACK)
      await scene.assertOnce()
    },
  ],
]
