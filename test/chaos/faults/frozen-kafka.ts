import type { Disturbance } from '../world.ts'
import { leader, noKafka } from './leader.ts'

/** The broker, of three the one that leads a partition, gets no time. */
export const frozenKafka: Disturbance = {
  missing: noKafka,
  lasts: [3_000, 12_000],
  begin: async (world) => {
    const { kafka, n } = await leader(world)
    kafka.freeze(n)
    return { [Symbol.dispose]: () => kafka.thaw(n) }
  },
}
