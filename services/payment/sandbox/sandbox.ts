import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '@kit/postgres/queryable'
import type { Outcome } from '../domain/payment.ts'
import { ProviderRefusal, Unanswered } from '../provider.ts'
import type { AuthorizeRequest, Bank, Call, HeldRequest, Provider } from '../provider.ts'
import { behaviourAt, cardOfNumber, DEFAULT_TOKEN, TRANSFER } from './cards.ts'
import type { Behaviour } from './cards.ts'
import { openLedger } from './ledger.ts'
import type { Asked, Booked, Entry, Ledger } from './ledger.ts'

/** The simulated provider has answered with an error, as a real one does with a status of 500. */
export class SandboxError extends Unanswered {
  override readonly name = 'SandboxError'
}

/**
 * A payment provider that keeps real books in a schema of its own. Same key, same result: a repeated call finds its entry and
 * is answered by that. What a card makes it do is in cards.ts.
 */
export const openSandbox = (db: Database): Provider & Bank => {
  const ledger = openLedger(db)
  return {
    authorize: async (request, signal) => {
      const behaviour = behaviourAt('authorize', tokenOf(request))
      await failFirst(behaviour, request.key, ledger)
      const booked = await ledger.enter(authorization(request, behaviour))
      await answerLike(behaviour, signal)
      return authorizeOutcome(entryOf(booked, request))
    },
    capture: async (request, signal) => {
      const { entry, before } = await ledger.enter({ ...held(request), slot: 2, kind: 'captured' })
      if (entry === undefined || entry.reference !== request.reference) return uncaptured(before, request)
      if (entry.kind !== 'captured') return { is: 'uncaptured', reason: 'voided' }
      if (entry.key !== request.key) return { is: 'uncaptured', reason: 'captured-before' }
      await answerLike(behaviourAt('capture', entry.card), signal)
      return { is: 'captured' }
    },
    void: async (request) => {
      const { entry, before } = await ledger.enter({ ...held(request), slot: 2, kind: 'voided' })
      if (entry?.kind === 'voided' && entry.reference === request.reference) return { is: 'voided' }
      if (entry !== undefined || !isHeldAs(before, request))
        throw new ProviderRefusal(`${request.authorization} cannot be voided for ${request.reference}`)
      throw elsewhere()
    },
    refund: async (request) => {
      const entry = await ledger.refund(held(request))
      if (entry === undefined && mayRefund(await ledger.entriesOf(request.authorization), request)) throw elsewhere()
      if (entry === undefined || entry.reference !== request.reference)
        throw new ProviderRefusal(`${request.authorization} cannot be refunded for ${request.reference}`)
      if (entry.amount !== request.amount) throw new ProviderRefusal(`${request.key} was used for another amount`)
      return { is: 'refunded' }
    },
    find: async (call) => {
      const entries = await ledger.entriesOf(call.operation === 'authorize' ? idOf(call.key) : call.authorization)
      const entry = entries.find(({ key }) => key === call.key)
      return entry === undefined ? undefined : outcomeOf(entry, call)
    },
    referenceOf: async (authorization) => (await ledger.entriesOf(authorization))[0]?.reference,
    tokenize: (number) => cardOfNumber(number)?.token,
    transfer: async (id, money) => {
      const authorization = idOf(`${money.reference}/transfer/${id}`)
      const booked = { ...money, authorization_id: authorization, key: authorization, card: TRANSFER }
      const { entry } = await ledger.enter({ ...booked, slot: 1, kind: 'authorized' })
      const { amount, currency_code } = entry ?? money
      return { type: 'payment.authorized', data: { reference: money.reference, amount, currency_code, authorization } }
    },
  }
}

const tokenOf = ({ card_token = DEFAULT_TOKEN }: AuthorizeRequest): string => card_token

/** Made from the key, so that a call that is repeated meets its own entry; another key would be another authorization. */
const idOf = (key: string): string => `auth_${key}`

const authorization = (request: AuthorizeRequest, { does }: Behaviour): Asked => ({
  authorization_id: idOf(request.key),
  slot: 1,
  kind: does === 'decline' ? 'declined' : 'authorized',
  key: request.key,
  reference: request.reference,
  amount: request.amount,
  currency_code: request.currency_code,
  card: tokenOf(request),
})

const held = ({ authorization, key, reference, amount, currency_code }: HeldRequest) => ({
  authorization_id: authorization,
  key,
  reference,
  amount,
  currency_code,
})

/** Other parameters under a used key are a mistake of the merchant, as everywhere. */
const entryOf = ({ entry }: Booked, { key, amount, currency_code }: AuthorizeRequest): Entry => {
  if (entry === undefined) throw elsewhere()
  if (entry.amount !== amount || entry.currency_code !== currency_code)
    throw new ProviderRefusal(`${key} was used for another amount`)
  return entry
}

const authorizeOutcome = (entry: Entry): Extract<Outcome, { is: 'authorized' | 'declined' }> => {
  if (entry.kind === 'authorized') return { is: 'authorized', authorization: entry.authorization_id }
  const behaviour = behaviourAt('authorize', entry.card)
  return { is: 'declined', reason: behaviour.does === 'decline' ? behaviour.reason : 'card-declined' }
}

const uncaptured = (
  before: Entry | undefined,
  { reference, amount, currency_code }: HeldRequest,
): Extract<Outcome, { is: 'uncaptured' }> => {
  if (before?.kind !== 'authorized' || before.reference !== reference)
    return { is: 'uncaptured', reason: 'not-authorized' }
  if (before.amount !== amount || before.currency_code !== currency_code)
    return { is: 'uncaptured', reason: 'other-amount' }
  const behaviour = behaviourAt('capture', before.card)
  if (behaviour.does === 'decline') return { is: 'uncaptured', reason: behaviour.reason }
  throw elsewhere()
}

/** Two calls have met; who asks again finds what the other has done. */
const elsewhere = (): SandboxError => new SandboxError('the entry was written elsewhere at this moment: ask again')

/** Whether the money is held for this payment and as it is asked for. */
const isHeldAs = (before: Entry | undefined, { reference, amount, currency_code }: HeldRequest): boolean =>
  before?.kind === 'authorized' &&
  before.reference === reference &&
  before.amount === amount &&
  before.currency_code === currency_code

/** Whether as much is left of what was captured for this payment. */
const mayRefund = (entries: readonly Entry[], { reference, amount, currency_code }: HeldRequest): boolean => {
  const own = entries.filter((entry) => entry.reference === reference && entry.currency_code === currency_code)
  const total = (kind: Entry['kind']): number =>
    own.filter((entry) => entry.kind === kind).reduce((sum, entry) => sum + entry.amount, 0)
  return total('captured') - total('refunded') >= amount
}

const outcomeOf = (entry: Entry, { operation }: Call): Outcome => {
  switch (operation) {
    case 'authorize':
      return authorizeOutcome(entry)
    case 'capture':
      return { is: 'captured' }
    case 'void':
      return { is: 'voided' }
    case 'refund':
      return { is: 'refunded' }
  }
}

const failFirst = async (behaviour: Behaviour, key: string, ledger: Ledger): Promise<void> => {
  if (behaviour.does === 'fail-first' && (await ledger.fail(key, behaviour.times)))
    throw new SandboxError('500, and nothing was done')
}

/** What the merchant gets to see of what was done. */
const answerLike = async (behaviour: Behaviour, signal: AbortSignal): Promise<void> => {
  switch (behaviour.does) {
    case 'approve':
    case 'decline':
    case 'fail-first':
      return
    case 'approve-late':
      await sleep(behaviour.after, undefined, { signal, ref: false })
      return
    case 'hang-after':
      return aborted(signal)
    case 'fail-after':
      throw new SandboxError('500, though it was done')
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
