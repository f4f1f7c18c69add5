import type { LogIn } from '@argosy/contracts/http/account'
import type { AnswerOf } from '@kit/http/endpoint'
import { answerProblem } from '@kit/http/problem-answer'
import { refuse } from '@kit/problem/refusal'
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import { prefersHtml } from '../accept.ts'
import { passOn } from '../ask.ts'
import type { Ask, Failure } from '../ask.ts'
import { sendPage } from '../page.ts'
import { storyOfOrder, storyOfPurchase } from './story.ts'
import type { Order, Purchase, Story } from './story.ts'
import { dropToken, isOwnForm, keepToken, tokenOf } from './token-cookie.ts'
import { absentPage, orderPage, signInPage } from './view.ts'

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

type Own = { Params: { id: string }; Querystring: { asked?: string } }
type Asked = FastifyRequest<Own>

/**
 * Where the links in mail lead: an order for who has placed it. The links carry its id, which proves nothing, so it is shown to
 * who signs in. Programs are led to the same in the API. A storefront takes its place.
 */
export const orderPages =
  (ask: Ask): FastifyPluginCallback =>
  (app, _options, done) => {
    acceptForms(app)
    app.addHook('onRequest', (request, reply, next) => {
      reply.header('cache-control', 'no-store')
      if (!ID.test((request as Asked).params.id)) return answerProblem(request, reply, refuse('not-found'))
      if (request.method === 'POST' && !isOwnForm(request)) return answerProblem(request, reply, fromElsewhere)
      return next()
    })
    app.get<Own>('/o/:id', (request, reply) => show(ask, request, reply))
    app.post<Own>('/o/:id/sign-in', (request, reply) => signIn(ask, request, reply))
    app.post<Own>('/o/:id/sign-out', (request, reply) => signOut(ask, request, reply))
    app.post<Own>('/o/:id/pay', (request, reply) =>
      change(ask, 'pay', { card: textIn(request, 'card') }, request, reply),
    )
    app.post<Own>('/o/:id/cancel', (request, reply) => change(ask, 'cancel', {}, request, reply))
    done()
  }

const fromElsewhere = refuse('forbidden', { detail: 'The form was sent from a page of another site.' })

const acceptForms = (app: FastifyInstance): void => {
  const options = { parseAs: 'string', bodyLimit: 10_000 } as const
  app.addContentTypeParser('application/x-www-form-urlencoded', options, (_request, text: string, done) =>
    done(null, new URLSearchParams(text)),
  )
}

const show = async (ask: Ask, request: Asked, reply: FastifyReply, complaint?: string): Promise<FastifyReply> => {
  const { id } = request.params
  reply.header('vary', 'Accept, Cookie')
  if (request.method === 'GET' && !prefersHtml(request.headers.accept))
    return reply.redirect(`/api/v1/orders/${id}`, 307)
  const token = tokenOf(request)
  const found = token === undefined ? 'unknown' : await find(ask, request, token)
  if (found === 'unknown') return sendPage(reply, signInPage(id))
  if (found === undefined) return sendPage(reply.code(404), absentPage(id))
  const note = notes.get(String(request.query.asked))?.(found)
  return sendPage(reply, orderPage(id, found, { ...(note && { note }), ...(complaint && { complaint }) }))
}

const CHARGING = 'Thank you. We are charging your card; look again in a moment.'

/** What is said of what was asked for, where the order bears it out: anybody may write such an address. */
type Note = (story: Story) => string | undefined

const notes: ReadonlyMap<string, Note> = new Map<string, Note>([
  ['pay', ({ canPay, mood }) => (canPay ? CHARGING : mood === 'good' ? 'Thank you for your payment.' : undefined)],
  ['cancel', ({ state }) => (state === 'Cancelled' ? 'The order is cancelled.' : undefined)],
])

/** The order; before it is placed, or when it never was, its purchase. `unknown`: the token says nothing any more. */
const find = async (ask: Ask, request: Asked, token: string): Promise<Story | 'unknown' | undefined> => {
  const { id } = request.params
  const order = await ask<Order>(request, { path: `/api/v1/orders/${id}`, token })
  if (order.ok) return storyOfOrder(order.body)
  if (order.status === 401) return 'unknown'
  if (order.status !== 404) throw passOn(order)
  const purchase = await ask<Purchase>(request, { path: `/api/v1/purchases/${id}`, token })
  if (purchase.ok) return storyOfPurchase(purchase.body)
  if (purchase.status === 404) return undefined
  throw passOn(purchase)
}

const signIn = async (ask: Ask, request: Asked, reply: FastifyReply): Promise<FastifyReply> => {
  const { id } = request.params
  const email = textIn(request, 'email')
  const body = { email, password: textIn(request, 'password') }
  const answer = await ask<AnswerOf<typeof LogIn>>(request, { method: 'POST', path: '/api/v1/account/login', body })
  if (answer.ok) return keepToken(request, reply, answer.body.access_token).redirect(`/o/${id}`, 303)
  return sendPage(reply.code(answer.status), signInPage(id, { email, complaint: wordsOf(answer) }))
}

const signOut = async (ask: Ask, request: Asked, reply: FastifyReply): Promise<FastifyReply> => {
  const token = tokenOf(request)
  // A session that has ended already is as good.
  if (token !== undefined) await ask(request, { method: 'POST', path: '/api/v1/account/logout', token })
  return dropToken(request, reply).redirect(`/o/${request.params.id}`, 303)
}

const change = async (
  ask: Ask,
  what: 'pay' | 'cancel',
  body: object,
  request: Asked,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const { id } = request.params
  const token = tokenOf(request)
  if (token === undefined) return reply.redirect(`/o/${id}`, 303)
  const answer = await ask(request, { method: 'POST', path: `/api/v1/orders/${id}/${what}`, token, body })
  if (answer.ok) return reply.redirect(`/o/${id}?asked=${what}`, 303)
  // Signed out meanwhile, or not one's own: what the page shows then says it all.
  if (answer.status === 401 || answer.status === 404) return reply.redirect(`/o/${id}`, 303)
  return show(ask, request, reply.code(answer.status), wordsOf(answer))
}

/** In the words of the form, not of the API's fields. */
const wordsOf = ({ problem: { title = 'That did not work.', code, detail, errors = [] } }: Failure): string => {
  const isMistyped = code === 'invalid-request' && errors.some(({ pointer }) => pointer === '/card')
  return isMistyped ? 'A card number has 12 to 19 digits.' : (detail ?? title)
}

/** A field of the form; empty when it is not there, or no browser has sent this. */
const textIn = ({ body }: Asked, name: string): string =>
  (body instanceof URLSearchParams ? body.get(name) : undefined) ?? ''
