import type { Disturbance } from '../world.ts'
import { leader, noKafka } from './leader.ts'

/** A broker dies, as in `killed-kafka`, and while it is away the shop dies as well: what waited for the broker in memory is gone. */
export const killedWithKafka: Disturbance = {
  missing: noKafka,
  lasts: [1_000, 4_000],
  begin: async (world) => {
    const { keeper } = world
    const { kafka, n } = await leader(world)
    await kafka.kill(n)
    return {
      [Symbol.asyncDispose]: async () => {
        await keeper.kill()
        await kafka.run(n)
        await keeper.start()
      },
    }
  },
}
