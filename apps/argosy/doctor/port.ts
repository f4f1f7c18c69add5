import { createServer } from 'node:net'
import { once } from 'node:events'
import { readSettings } from '../settings.ts'
import type { Check, Finding } from './check.ts'

const name = 'port'

/** Whether the port is free, or taken by a shop that runs already. */
export const checkPort: Check = async (env) => {
  const { HOST, PORT } = readSettings(env)
  const problem = await tryToListen(HOST, PORT)
  const place = `${HOST}:${PORT}`
  if (problem === undefined) return [{ name, verdict: 'ok', found: `${place} is free` }]
  if (problem !== 'EADDRINUSE') {
    return [{ name, verdict: 'broken', found: `${place} cannot be used (${problem})`, fix: 'set HOST and PORT' }]
  }
  return [await whoListens(place, PORT)]
}

const tryToListen = async (host: string, port: number): Promise<string | undefined> => {
  const server = createServer()
  server.listen(port, host)
  try {
    await once(server, 'listening')
    server.close()
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

const whoListens = async (place: string, port: number): Promise<Finding> => {
  const ready = await fetch(`http://${place}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    (response) => response.status === 200 || response.status === 503,
    () => false,
  )
  if (ready) return { name, verdict: 'ok', found: `${place} is served by a running argosy` }
  return {
    name,
    verdict: 'broken',
    found: `${place} is taken by another program`,
    fix: `PORT=${port + 1} argosy start`,
  }
}
