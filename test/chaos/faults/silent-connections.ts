import type { Disturbance } from '../world.ts'

/** All connections to the database that are open fall silent and stay so, as when a firewall forgets them; new ones work. */
export const silentConnections: Disturbance = {
  lasts: [500, 500],
  begin: async ({ database, log }) => {
    log(`${database.net.connections} connections fall silent`)
    database.net.silenceExisting()
    // Nobody brings them back: the shop has to find out.
    return { [Symbol.dispose]: () => undefined }
  },
}
