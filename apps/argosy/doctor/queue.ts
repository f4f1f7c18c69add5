import { parseConfig } from '@kit/config/config'
import { inspectBrokers } from '@kit/queue/amqp/inspect'
import { fleet } from '../fleet/config.ts'
import type { Check, Finding } from './check.ts'

const name = 'queue'

/** RabbitMQ, where it hands out the jobs: do its nodes let us in. */
export const checkQueue: Check = async (env) => {
  const parsed = parseConfig({ fleet }, env)
  if (!parsed.ok || parsed.values.fleet.QUEUE_URL === 'postgres:') return []
  const nodes = await inspectBrokers(parsed.values.fleet.QUEUE_URL)
  const away = nodes.filter(({ trouble }) => trouble !== undefined)
  if (away.length === 0) return [{ name, verdict: 'ok', found: `RabbitMQ answers at ${nodes.map(nameOf).join(', ')}` }]
  const isGone = away.length === nodes.length
  return away.map(({ node, trouble }): Finding => ({
    name,
    verdict: isGone ? 'broken' : 'warning',
    found: `RabbitMQ cannot be used at ${node}: ${trouble}`,
    fix: 'start it, or check the host, the user, the password and the vhost in QUEUE_URL',
  }))
}

const nameOf = ({ node }: { readonly node: string }): string => node
