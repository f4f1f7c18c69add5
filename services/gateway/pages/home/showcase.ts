import type { LogIn } from '@argosy/contracts/http/account'
import type { ListProducts } from '@argosy/contracts/http/catalog'
import type { ListPurchases, ShowPurchaseHistory } from '@argosy/contracts/http/purchase'
import type { AnswerOf } from '@kit/http/endpoint'
import type { Clock } from '@kit/platform/platform'
import type { FastifyRequest } from 'fastify'
import type { Ask } from '../ask.ts'

/** Accounts whose password everybody may know: those of the demo. */
export type DemoAccounts = {
  readonly password: string
  readonly people: readonly { readonly role: string; readonly email: string }[]
}

type Purchase = AnswerOf<typeof ListPurchases>['data'][number]
type Line = AnswerOf<typeof ShowPurchaseHistory>['history'][number]
export type Product = AnswerOf<typeof ListProducts>['data'][number]

/** What there is to be shown; what cannot be had at the moment is absent. */
export type Showcase = {
  /** Something that can be bought; null when nothing can. */
  readonly product?: Product | null
  /** The demo's accounts, when one of them could sign in. */
  readonly demo?: DemoAccounts
  /** What the demo's customer has bought last; null when that is nothing. */
  readonly purchase?: { readonly purchase: Purchase; readonly history: readonly Line[] } | null
}

/** Looks into the shop by its API, as a visitor and, where there is a demo, as its customer. */
export const showcaseOf = (ask: Ask, clock: Clock, demo: DemoAccounts | undefined) => {
  const tokenFor = demoCustomer(ask, clock, demo)
  return async (request: FastifyRequest): Promise<Showcase> => {
    const [product, token] = await Promise.all([productOf(ask, request), tokenFor(request)])
    if (demo === undefined || token === undefined) return product
    return { ...product, demo, ...(await lastPurchase(ask, request, token)) }
  }
}

/** How long a sign-in is remembered, in ms, also one that failed. Its token is good for longer. */
const REMEMBERED = 600_000

/** The token of the demo's customer; undefined when there is none, for a shop with other data has no demo accounts. */
const demoCustomer = (ask: Ask, clock: Clock, demo: DemoAccounts | undefined) => {
  let known: { readonly at: number; readonly token: Promise<string | undefined> } | undefined
  const email = demo?.people.find(({ role }) => role === 'customer')?.email
  const signIn = async (request: FastifyRequest): Promise<string | undefined> => {
    const body = { email, password: demo?.password }
    const answer = await ask<AnswerOf<typeof LogIn>>(request, { method: 'POST', path: '/api/v1/account/login', body })
    if (!answer.ok && answer.status !== 401) known = undefined
    return answer.ok ? answer.body.access_token : undefined
  }
  return (request: FastifyRequest): Promise<string | undefined> => {
    if (email === undefined) return Promise.resolve(undefined)
    const now = clock.now().getTime()
    if (known === undefined || Math.abs(now - known.at) > REMEMBERED) known = { at: now, token: signIn(request) }
    return known.token
  }
}

const productOf = async (ask: Ask, request: FastifyRequest): Promise<Pick<Showcase, 'product'>> => {
  const answer = await ask<AnswerOf<typeof ListProducts>>(request, { path: '/api/v1/products?limit=20' })
  return answer.ok ? { product: answer.body.data.find(({ inventory = 0 }) => inventory > 0) ?? null } : {}
}

const lastPurchase = async (ask: Ask, request: FastifyRequest, token: string): Promise<Pick<Showcase, 'purchase'>> => {
  const list = await ask<AnswerOf<typeof ListPurchases>>(request, { path: '/api/v1/purchases?limit=1', token })
  if (!list.ok) return {}
  const [purchase] = list.body.data
  if (purchase === undefined) return { purchase: null }
  const path = `/api/v1/purchases/${purchase.purchase_id}/history`
  const told = await ask<AnswerOf<typeof ShowPurchaseHistory>>(request, { path, token })
  return told.ok ? { purchase: { purchase, history: told.body.history } } : {}
}
