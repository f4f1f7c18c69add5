import { cannotListen, obstacleAt } from '../listening.ts'
import { readSettings } from '../settings.ts'
import type { Check, Finding } from './check.ts'

const name = 'port'

/** Whether the port is free, or taken by a shop that runs already, and what that one complains of. */
export const checkPort: Check = async (env) => {
  const { HOST, PORT } = readSettings(env)
  const place = `${HOST}:${PORT}`
  const obstacle = await obstacleAt(HOST, PORT)
  if (obstacle === undefined) return [{ name, verdict: 'ok', found: `${place} is free` }]
  const running = obstacle === 'EADDRINUSE' ? await readinessAt(place) : undefined
  if (running !== undefined)
    return [{ name, verdict: 'ok', found: `${place} is served by a running argosy` }, ...running]
  const { message, fix = '' } = cannotListen(HOST, PORT, obstacle)
  return [{ name, verdict: 'broken', found: message, fix }]
}

/** What the argosy that answers there says of itself; undefined when it is something else. */
const readinessAt = async (place: string): Promise<readonly Finding[] | undefined> => {
  try {
    const response = await fetch(`http://${place}/readyz`, { signal: AbortSignal.timeout(3_000) })
    if (response.status !== 200 && response.status !== 503) return undefined
    const { status, reasons = {} } = (await response.json()) as Readiness
    return Object.entries(reasons).map(([check, reason]) => ({
      name: 'readiness',
      verdict: status === 'degraded' ? 'warning' : 'broken',
      found: `${check}: ${reason}`,
      fix: 'see docs/guide/what-can-stop-the-shop.md',
    }))
  } catch {
    return undefined
  }
}

type Readiness = { readonly status?: string; readonly reasons?: Readonly<Record<string, string>> }
