import type { FastifyInstance } from 'fastify'

/** Resolves when what it looks at is well; rejects with the reason when not. */
export type Check = () => Promise<unknown>

type Health = { readonly scrape?: () => Promise<string>; readonly checks?: Readonly<Record<string, Check>> }

const VITAL = { config: { vital: true } }

/** `/livez`: the process answers. `/readyz`: it can do its work. `/metrics`: Prometheus text. */
export const addHealth = (app: FastifyInstance, { scrape, checks = {} }: Health): void => {
  app.get('/livez', VITAL, (_request, reply) => reply.send({ status: 'ok' }))
  app.get('/readyz', VITAL, async (_request, reply) => {
    const results = await Promise.all(Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)]))
    const ready = !app.draining.aborted && results.every(([, result]) => result === 'ok')
    const status = app.draining.aborted ? 'draining' : ready ? 'ok' : 'unavailable'
    return reply.code(ready ? 200 : 503).send({ status, checks: Object.fromEntries(results) })
  })
  if (scrape === undefined) return
  app.get('/metrics', VITAL, async (_request, reply) =>
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(await scrape()),
  )
}

/** Says only that it failed: reasons may name hosts, and the address is public. They are in the log of whoever failed. */
const outcome = async (check: Check): Promise<'ok' | 'failed'> => {
  try {
    await check()
    return 'ok'
  } catch {
    return 'failed'
  }
}
