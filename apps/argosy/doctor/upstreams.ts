import { parseConfig } from '@kit/config/config'
import { gateway } from '@services/gateway/service'
import { fleet } from '../fleet/config.ts'
import { absence, namedUpstreams } from '../fleet/upstreams.ts'
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
  const isServed = (name: string): boolean => looked.some((place) => place.name === name && place.trouble === undefined)
  return away.map(({ name: service, url, trouble }): Finding => ({
    name,
    verdict: isServed(service) ? 'warning' : 'broken',
    found: `${service} at ${url}: ${trouble}`,
    fix: `argosy start --only ${service.replace(' (rpc)', '')} there, or correct the address`,
  }))
}
