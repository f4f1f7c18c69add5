import { setTimeout as sleep } from 'node:timers/promises'
import type { Disturbance } from '../world.ts'

const AHEAD = 2 * 60 * 60 * 1_000
/** Ms until all processes have seen that it is right again; until then they refuse all who are signed in. */
const SEEN = 500

/** The wall clock of the shop is two hours ahead, and then right again. */
export const wrongClock: Disturbance = {
  lasts: [5_000, 5_000],
  begin: async ({ clock }) => {
    const jumped = clock.jump(AHEAD)
    return {
      [Symbol.asyncDispose]: async () => {
        jumped[Symbol.dispose]()
        await sleep(SEEN)
      },
    }
  },
}
