import type { FastifyInstance } from 'fastify'

// One slash between two names and before the first: `//elsewhere.example` would lead there. Whatever it is given, it reads that once.
const PAGE = /^((?!\/api\/)(?:\/[^/\\?]+)+)\/+(\?.*)?$/

/**
 * Leads from `/docs/` to `/docs`, and so for every page, there or not. Below `/api/` a slash too many is a mistake: it may be an
 * id that is empty.
 */
export const leadFromTrailingSlash = (app: FastifyInstance): void => {
  app.addHook('onRequest', (request, reply, done) => {
    const { url, method } = request
    const isLed = (url.endsWith('/') || url.includes('/?')) && (method === 'GET' || method === 'HEAD')
    const found = isLed ? PAGE.exec(url) : null
    if (found === null) return done()
    reply.redirect(`${found[1]}${found[2] ?? ''}`, 308)
  })
}
