import { once } from 'node:events'
import { createServer } from 'node:net'
import { Stop } from './command-line/exit-code.ts'

/** Why one cannot listen there (`EADDRINUSE` and the like); undefined when one can. */
export const obstacleAt = async (host: string, port: number): Promise<string | undefined> => {
  const server = createServer()
  server.listen(port, host)
  try {
    await once(server, 'listening')
    return undefined
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  } finally {
    server.close()
  }
}

/** What to tell who cannot listen there. */
export const cannotListen = (host: string, port: number, code: string): Stop => {
  if (code === 'EADDRINUSE') {
    return new Stop(`port ${port} on ${host} is in use`, {
      fix: `PORT=${port === 65_535 ? 8080 : port + 1} argosy start`,
    })
  }
  if (code === 'EACCES') return new Stop(`this user may not listen on port ${port}`, { fix: 'PORT=8080 argosy start' })
  return new Stop(`${host}:${port} cannot be listened on (${code})`, { fix: 'set HOST to an address of this machine' })
}
