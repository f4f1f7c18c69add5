import { judge } from '../../chaos/judge.ts'
import { Shop } from '../../fleet/shop.ts'
import type { Customers } from './customers.ts'
import type { Door, Failure } from './door.ts'
import type { Instances } from './instances.ts'

const NOTHING = {
  kills: { fleet: 0, postgres: 0, broker: 0, kafka: 0 },
  failpoints: new Map<string, number>(),
  disturbances: new Map<string, number>(),
  complaints: [],
}

/**
 * Waits until all is at rest. What is wrong then, in sentences: laws, dead letters, requests, ends that nobody wanted.
 */
export const complaintsAbout = async (
  databaseUrl: string,
  { history, opening, buyers }: Customers,
  door: Door,
  instances: Instances,
): Promise<readonly string[]> => {
  const failures = door.failures.map((failure) => failed(failure, instances))
  const { violations, ends } = await judge({
    url: databaseUrl,
    history,
    opening,
    done: { ...NOTHING, last: Date.now() },
    expected: { failpoints: [], times: 0, kills: 0 },
    collapses: 0,
  })
  instances.write(`ends ${JSON.stringify(ends)}, refusals ${JSON.stringify(Object.fromEntries(door.refusals))}`)
  return [...failures, ...violations, ...(await otherEnds(new Shop(door.url), { history, buyers }))]
}

const failed = ({ at, request, key, instance, why }: Failure, instances: Instances): string =>
  `request: ${instances.secondsAt(at).trim()} ${request}${key === '' ? '' : ` (${key})`} of ${instance}: ${why}`

/** What each kind of purchase ends as when nothing goes wrong. */
const rightEnd = (name: string, completes: unknown): string => {
  if (completes === true) return 'completed'
  return name === 'cancelled' ? 'cancelled' : 'refused'
}

const otherEnds = async (
  shop: Shop,
  { history, buyers }: Pick<Customers, 'history' | 'buyers'>,
): Promise<readonly string[]> => {
  const others: string[] = []
  for (const { key, id } of history.events.filter(({ is }) => is === 'ok')) {
    const meant = history.intents.get(key)
    const token = buyers[meant?.buyer ?? 0]?.token
    if (meant === undefined || token === undefined) throw new Error(`nobody has asked for ${key}`)
    const { body } = await shop.call('GET', `/api/v1/purchases/${id}`, { token })
    const right = rightEnd(meant.kind.name, meant.kind.completes)
    if (body?.status === right) continue
    others.push(
      `end: ${key} ("${meant.kind.name}") is ${body?.status} ${body?.reason ?? ''} instead of ${right}, ${id}`,
    )
  }
  return [...new Set(others)]
}
