import { setTimeout as sleep } from 'node:timers/promises'
import { freeze } from '../../faults/frozen-process.ts'
import type { Disturbance } from '../world.ts'

/** Ms that two instances share the work before one of them is stopped, and after it goes on. */
const SHARED = 1_500

/** One of two instances on one database gets no time; customers go to the other. The further one is killed in the end. */
export const frozenInstance: Disturbance = {
  lasts: [6_000, 14_000],
  begin: async ({ keeper, further, door, chance }) => {
    await using owned = new AsyncDisposableStack()
    const second = further()
    owned.defer(() => second.kill())
    await second.start()
    await sleep(SHARED)
    const [victim, healthy] = chance.next() < 0.5 ? [keeper, second] : [second, keeper]
    owned.defer(() => door.leadTo(keeper))
    owned.defer(() => sleep(SHARED))
    door.leadTo(healthy)
    owned.use(freeze(victim.pid))
    return owned.move()
  },
}
