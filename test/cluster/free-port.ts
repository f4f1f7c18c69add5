import { once } from 'node:events'
import { createServer } from 'node:net'

/** A port of the loopback interface that nobody listened on a moment ago: for what must be known before it starts. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a port was asked for and is not one')
  return address.port
}
