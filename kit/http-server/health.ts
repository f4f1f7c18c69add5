import type { Health } from '@kit/telemetry/health'
import type { FastifyInstance } from 'fastify'

type Addresses = { readonly scrape?: () => Promise<string>; readonly health?: Health }

const VITAL = { config: { vital: true } }

/**
 * `/livez`: the process answers. `/readyz`: it can do its work, or what cannot and why; 200 also when it can do most of it
 * (`degraded`). `/metrics`: Prometheus text.
 * Nothing here takes longer than a check may.
 */
export const addHealth = (app: FastifyInstance, { scrape, health }: Addresses): void => {
  app.get('/livez', VITAL, (_request, reply) => reply.send({ status: 'ok' }))
  app.get('/readyz', VITAL, async (_request, reply) => {
    const findings = Object.entries((await health?.look()) ?? {})
    const reasons = findings.filter(([, reason]) => reason !== undefined)
    const isReady = !reasons.some(([name]) => health?.isVital(name) ?? true)
    const working = reasons.length === 0 ? 'ok' : 'degraded'
    const status = app.draining.aborted ? 'draining' : isReady ? working : 'unavailable'
    const checks = findings.map(([name, reason]) => [name, reason === undefined ? 'ok' : 'failed'])
    return reply.code(status === working ? 200 : 503).send({
      status,
      checks: Object.fromEntries(checks),
      ...(reasons.length > 0 && { reasons: Object.fromEntries(reasons) }),
    })
  })
  if (scrape === undefined) return
  app.get('/metrics', VITAL, async (_request, reply) =>
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(await scrape()),
  )
}
