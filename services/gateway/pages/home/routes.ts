import { readFileSync } from 'node:fs'
import type { Clock } from '@kit/platform/platform'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Ask } from '../ask.ts'
import { sendPage } from '../page.ts'
import { showcaseOf } from './showcase.ts'
import type { DemoAccounts } from './showcase.ts'
import { homePage } from './view.ts'

const SCRIPT = readFileSync(new URL('live.js', import.meta.url))

/** The first screen: what is on sale, and, where there is a demo, who can sign in, how to buy and how a purchase goes. */
export const addHome = (app: FastifyInstance, ask: Ask, clock: Clock, demo: DemoAccounts | undefined): void => {
  const showcase = showcaseOf(ask, clock, demo)
  app.get('/', async (request, reply) =>
    sendPage(reply.header('cache-control', 'no-store'), homePage(originOf(request), await showcase(request))),
  )
  app.get('/live.js', (_request, reply) => reply.header('content-type', 'text/javascript; charset=utf-8').send(SCRIPT))
}

/** As the visitor has reached the shop. What they paste into a shell has nothing in it that a shell would take for more. */
const originOf = ({ protocol, host }: FastifyRequest): string =>
  `${protocol}://${/^[a-z0-9.:[\]-]+$/i.test(host) ? host : '127.0.0.1:8080'}`
