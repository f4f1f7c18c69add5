import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer, Person, Shop } from '../fleet/shop.ts'
import type { History, Intent, Step } from './history.ts'
import type { Random } from './random.ts'

export type Surroundings = {
  readonly shop: () => Promise<Shop>
  readonly buyers: readonly Person[]
  readonly history: History
  readonly chance: Random
}

const TRIES = 60
const PATIENCE = 4_000
const APPROVED = '4242424242424242'
const DECLINED = '4000000000000002'

/** Does what is meant about the purchase; whatever gets no answer is asked again, as customers, sellers and providers do. */
export const goOn = async (around: Surroundings, { kind, key, buyer }: Intent, id: string): Promise<void> => {
  const customer = around.buyers[buyer]
  const [seller] = around.buyers
  if (kind.afterwards === undefined || customer === undefined || seller === undefined) return
  if ('refund' in kind.afterwards) return giveBack(around, seller, customer, id, kind.afterwards.refund, key)
  const path = `/api/v1/purchases/${id}`
  const isPlaced = (answer: Answer): boolean => answer.body?.step === 'authorize payment' || isEnded(answer)
  const placed = await asked(around, customer, 'GET', path, undefined, isPlaced)
  if (placed?.body?.status !== 'pending') return
  for (const group of kind.afterwards.later) {
    await Promise.all(group.map((step) => take(around, customer, id, step, key)))
  }
}

/** An answer that says nothing of the purchase, as that of a shop whose clock is wrong, says nothing of its end. */
const isEnded = ({ status, body }: Answer): boolean => status === 200 && body?.status !== 'pending'

const isMade = ({ status }: Answer): boolean => status === 201

const take = async (around: Surroundings, customer: Person, id: string, step: Step, key: string): Promise<void> => {
  switch (step) {
    case 'card':
      return void (await asked(around, customer, 'POST', `/api/v1/orders/${id}/pay`, { card: APPROVED }))
    case 'declined card':
      return void (await asked(around, customer, 'POST', `/api/v1/orders/${id}/pay`, { card: DECLINED }))
    case 'cancel':
      return void (await asked(around, customer, 'POST', `/api/v1/orders/${id}/cancel`, {}))
    case 'transfer': {
      const path = '/api/v1/payments/sandbox/transfers'
      // Without the key, a transfer whose answer is lost would be money that nobody is ever told of.
      const sent = await asked(around, customer, 'POST', path, { purchase_id: id }, isMade, `${key}-transfer`)
      if (sent?.status === 201) await tell(around, sent.body)
    }
  }
}

/** The provider tells of the money until it is heard, and once more. */
const tell = async (around: Surroundings, told: { headers: Record<string, string>; body: string }): Promise<void> => {
  for (let heard = 0, attempt = 0; heard < 2 && attempt < TRIES; attempt++) {
    const answer = await ask(around, (shop) =>
      shop.call('POST', '/api/v1/payments/webhooks/sandbox', { body: told.body, headers: told.headers }),
    )
    // A clock that is wrong for a moment takes it for one that is too old.
    if (answer !== undefined && (answer.status < 300 || answer.status === 409)) heard++
    else await sleep(around.chance.between(50, 300))
  }
}

/** The seller gives back a part, or all that is left, under one key, and asks once more when it is promised already. */
const giveBack = async (
  around: Surroundings,
  seller: Person,
  customer: Person,
  id: string,
  share: 'part' | 'whole',
  key: string,
): Promise<void> => {
  const path = `/api/v1/purchases/${id}`
  const ended = await asked(around, customer, 'GET', path, undefined, isEnded)
  if (ended?.body?.status !== 'completed') return
  const amount = share === 'part' ? Math.ceil(ended.body.amount / 3) : undefined
  around.history.refundAsked(id, amount ?? ended.body.amount)
  let promised = 0
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const answer = await ask(around, (shop) =>
      shop.call('POST', `/api/v1/orders/${id}/refund`, {
        token: seller.token,
        headers: { 'idempotency-key': `${key}-refund` },
        body: amount === undefined ? {} : { amount },
      }),
    )
    if (answer?.status === 201) {
      around.history.refundPromised(id, answer.body.amount)
      if (++promised === 2) return
    }
    if (promised > 0 && answer?.status === 422) return
    await sleep(around.chance.between(50, 300))
  }
}

/** Asks until the answer is one to go by, or for too long. */
const asked = async (
  around: Surroundings,
  { token }: Person,
  method: string,
  path: string,
  body: unknown,
  enough: (answer: Answer) => boolean = ({ status }) => status < 500 && status !== 404 && status !== 401,
  key?: string,
): Promise<Answer | undefined> => {
  let answer: Answer | undefined
  for (let attempt = 0; attempt < TRIES; attempt++) {
    answer = await ask(around, (shop) =>
      shop.call(method, path, {
        token,
        ...(body !== undefined && { body }),
        ...(key !== undefined && { headers: { 'idempotency-key': key } }),
      }),
    )
    if (answer !== undefined && enough(answer)) return answer
    await sleep(around.chance.between(50, 300))
  }
  return answer
}

/** Undefined: no answer. */
const ask = async (around: Surroundings, call: (shop: Shop) => Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await Promise.race([
      call(await around.shop()),
      sleep(PATIENCE, undefined, { ref: false }).then(() => undefined),
    ])
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return undefined
  }
}
