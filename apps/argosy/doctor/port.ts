import { cannotListen, obstacleAt } from '../listening.ts'
import { readSettings } from '../settings.ts'
import type { Check } from './check.ts'

const name = 'port'

/** Whether the port is free, or taken by a shop that runs already. */
export const checkPort: Check = async (env) => {
  const { HOST, PORT } = readSettings(env)
  const place = `${HOST}:${PORT}`
  const obstacle = await obstacleAt(HOST, PORT)
  if (obstacle === undefined) return [{ name, verdict: 'ok', found: `${place} is free` }]
  if (obstacle === 'EADDRINUSE' && (await isShop(place))) {
    return [{ name, verdict: 'ok', found: `${place} is served by a running argosy` }]
  }
  const { message, fix = '' } = cannotListen(HOST, PORT, obstacle)
  return [{ name, verdict: 'broken', found: message, fix }]
}

const isShop = (place: string): Promise<boolean> =>
  fetch(`http://${place}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
    ({ status }) => status === 200 || status === 503,
    () => false,
  )
