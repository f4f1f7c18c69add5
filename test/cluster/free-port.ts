import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that Linux and macOS give to whoever calls out: such a port is not taken while its owner is restarted. */
const [FIRST, LAST] = [10_000, 32_000]
const TRIES = 100

/** A port of the loopback interface that nobody listened on a moment ago: for what must be known before it starts. */
export const freePort = async (): Promise<number> => {
  for (let n = 0; n < TRIES; n++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    if (await isFree(port)) return port
  }
  throw new Error(`none of ${TRIES} ports from ${FIRST} to ${LAST} is free`)
}

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    // Taken, or not for us.
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
