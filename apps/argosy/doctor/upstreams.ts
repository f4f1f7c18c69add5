import { parseConfig } from '@kit/config/config'
import { gateway } from '@services/gateway/service'
import { fleet } from '../fleet/config.ts'
import { absence, namedUpstreams, nameOf } from '../fleet/upstreams.ts'
import type { Check, Finding } from './check.ts'

const name = 'upstreams'

/** Whether the services answer that run as processes of their own, wherever an address is given for one. */
export const checkUpstreams: Check = async (env) => {
  const parsed = parseConfig({ fleet, gateway: gateway.config }, env)
  if (!parsed.ok) return []
  const places = namedUpstreams(parsed.values).flatMap((upstream) => upstream.urls.map((url) => ({ ...upstream, url })))
  if (places.length === 0) return []
  const looked = await Promise.all(places.map(async (place) => ({ ...place, trouble: await absence(place.url) })))
  const away = looked.filter(({ trouble }) => trouble !== undefined)
  if (away.length === 0) return [{ name, verdict: 'ok', found: `${places.length} addresses of services answer` }]
  const served = new Set(looked.filter(({ trouble }) => trouble === undefined).map(nameOf))
  return away.map((place): Finding => ({
    name,
    verdict: served.has(nameOf(place)) ? 'warning' : 'broken',
    found: `${nameOf(place)} at ${place.url}: ${place.trouble}`,
    fix: `argosy start --only ${place.service} there, or correct the address`,
  }))
}
