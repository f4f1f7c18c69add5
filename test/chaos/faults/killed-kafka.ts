import type { Disturbance } from '../world.ts'
import { leader, noKafka } from './leader.ts'

/** The broker, of three the one that leads a partition, is killed and comes back after some seconds. */
export const killedKafka: Disturbance = {
  missing: noKafka,
  lasts: [2_000, 8_000],
  begin: async (world) => {
    const { kafka, n } = await leader(world)
    await kafka.kill(n)
    return { [Symbol.asyncDispose]: () => kafka.run(n) }
  },
}
