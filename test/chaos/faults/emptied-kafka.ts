import type { Disturbance } from '../world.ts'
import { noKafka } from './leader.ts'

/** All brokers die and come back with nothing: what was ever sent is sent again, and read from the beginning. */
export const emptiedKafka: Disturbance = {
  missing: noKafka,
  lasts: [0, 0],
  seldom: true,
  begin: async ({ kafka }) => {
    if (kafka === undefined) throw new Error('the log has no brokers')
    await kafka.wipe()
    return { [Symbol.dispose]: () => undefined }
  },
}
