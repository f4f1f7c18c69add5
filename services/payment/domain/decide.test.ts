import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AuthorizePayment,
  CapturePayment,
  CaptureRefused,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentPending,
  PaymentRefunded,
  PaymentTryDeclined,
  PaymentVoided,
  PayPending,
  ProviderSilent,
  RefundPayment,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import { decide } from './decide.ts'
import type { Decision, Reply } from './decision.ts'
import { hear, learn } from './learn.ts'
import type { Command, Holding, Operation, Outcome, Payment } from './payment.ts'
import { fallSilent } from './silence.ts'

const purchase_id = '01930000-0000-7000-8000-0000000000a1'
const terms = {
  customer_id: '01930000-0000-7000-8000-0000000000c1',
  amount: 2500,
  currency_code: 'USD',
  card_token: 'tok_approve',
}
const { card_token: _, ...cardless } = terms
const held = { terms, authorization: 'auth_1' }

const commands = {
  authorize: AuthorizePayment({ purchase_id, ...terms }),
  'authorize later': AuthorizePayment({ purchase_id, ...cardless, payment_method: 'transfer' }),
  pay: PayPending({ purchase_id, card_token: 'tok_approve' }),
  capture: CapturePayment({ purchase_id }),
  void: VoidPayment({ purchase_id }),
  refund: RefundPayment({ purchase_id }),
} satisfies Record<string, Command>

const outcomes = {
  authorized: { is: 'authorized', authorization: 'auth_1' },
  declined: { is: 'declined', reason: 'card-declined' },
  captured: { is: 'captured' },
  uncaptured: { is: 'uncaptured', reason: 'capture-refused' },
  voided: { is: 'voided' },
  refunded: { is: 'refunded' },
  'authorized late': { is: 'authorized', authorization: 'auth_2' },
  released: { is: 'released' },
  issued: { is: 'issued', refund_id: purchase_id },
} satisfies Record<string, Outcome>

const replies = {
  authorized: PaymentAuthorized({ purchase_id }),
  declined: PaymentDeclined({ purchase_id, reason: 'card-declined' }),
  pending: PaymentPending({ purchase_id }),
  'try declined': tryDeclined(1),
  'second try declined': tryDeclined(2),
  'declined: voided': PaymentDeclined({ purchase_id, reason: 'voided' }),
  captured: PaymentCaptured({ purchase_id, amount: 2500, currency_code: 'USD' }),
  'not captured: refused': CaptureRefused({ purchase_id, reason: 'capture-refused' }),
  'not captured: not authorized': CaptureRefused({ purchase_id, reason: 'not-authorized' }),
  'not captured: voided': CaptureRefused({ purchase_id, reason: 'voided' }),
  voided: PaymentVoided({ purchase_id }),
  refunded: PaymentRefunded({ purchase_id }),
} satisfies Record<string, Reply>

/** Every state that a payment can be in. */
const payments = {
  absent: { state: 'absent' },
  pending: { state: 'pending', terms: cardless, tries: 0 },
  'pending (1 try)': { state: 'pending', terms, tries: 1 },
  'pending (2 tries)': { state: 'pending', terms, tries: 2 },
  'trying (1)': { state: 'authorizing', terms, tries: 1 },
  'trying (2)': { state: 'authorizing', terms, tries: 2 },
  authorizing: { state: 'authorizing', terms },
  'cancelling (void)': { state: 'cancelling', terms, owed: 'void' },
  'cancelling (refund)': { state: 'cancelling', terms, owed: 'refund' },
  declined: { state: 'declined', terms, reason: 'card-declined' },
  authorized: { state: 'authorized', ...held },
  'authorized (2)': { state: 'authorized', terms, authorization: 'auth_2' },
  'authorized by transfer': { state: 'authorized', terms: cardless, authorization: 'auth_2' },
  capturing: { state: 'capturing', ...held },
  captured: { state: 'captured', ...held },
  uncaptured: { state: 'uncaptured', ...held, reason: 'capture-refused' },
  'returning (void)': { state: 'returning', ...held, owed: 'void' },
  'returning (refund)': { state: 'returning', ...held, owed: 'refund' },
  'voiding (void)': { state: 'voiding', ...held, owed: 'void' },
  'voiding (refund)': { state: 'voiding', ...held, owed: 'refund' },
  'refunding (void)': { state: 'refunding', ...held, owed: 'void' },
  'refunding (refund)': { state: 'refunding', ...held, owed: 'refund' },
  'voided before asked': { state: 'voided' },
  'voided unpaid': { state: 'voided', terms: cardless },
  'voided unheld': { state: 'voided', terms },
  voided: { state: 'voided', ...held },
  'voiding (2)': { state: 'voiding', terms, authorization: 'auth_2', owed: 'void' },
  'voiding (2, refund)': { state: 'voiding', terms, authorization: 'auth_2', owed: 'refund' },
  'voided (2)': { state: 'voided', terms, authorization: 'auth_2' },
  refunded: { state: 'refunded', ...held },
} satisfies Record<string, Payment>

type Name = keyof typeof payments
/** As the one without the number, for another authorization or try. */
type Twin =
  | 'pending (2 tries)'
  | 'authorized (2)'
  | 'authorized by transfer'
  | 'voiding (2)'
  | 'voiding (2, refund)'
  | 'voided (2)'
type Expected = {
  readonly to?: Name
  readonly call?: Operation
  readonly reply?: keyof typeof replies
  readonly release?: Holding
  readonly early?: true
}

const check = (given: string, when: string, before: Name, decision: Decision, expected: Expected): void => {
  const { to, call, reply, release, early } = expected
  const where = `${given}, ${when}`
  if (to === undefined) assert.equal(decision.payment, payments[before], `${where}: unchanged`)
  else assert.deepEqual(decision.payment, payments[to], where)
  assert.equal(decision.call, call, where)
  assert.deepEqual(decision.reply, reply && replies[reply], where)
  assert.deepEqual(decision.release, release, where)
  assert.equal(decision.early, early, where)
}

const wait: Expected = {}

const byCommand: Record<Exclude<Name, Twin>, Record<keyof typeof commands, Expected>> = {
  absent: {
    authorize: { to: 'authorizing', call: 'authorize' },
    'authorize later': { to: 'pending', reply: 'pending' },
    pay: { early: true },
    capture: { reply: 'not captured: not authorized' },
    void: { to: 'voided before asked', reply: 'voided' },
    refund: { to: 'voided before asked', reply: 'refunded' },
  },
  pending: {
    authorize: { reply: 'pending' },
    'authorize later': { reply: 'pending' },
    pay: { to: 'trying (1)', call: 'authorize' },
    capture: { reply: 'not captured: not authorized' },
    void: { to: 'voided unpaid', reply: 'voided' },
    refund: { to: 'voided unpaid', reply: 'refunded' },
  },
  'pending (1 try)': {
    authorize: { reply: 'pending' },
    'authorize later': { reply: 'pending' },
    pay: { to: 'trying (2)', call: 'authorize' },
    capture: { reply: 'not captured: not authorized' },
    void: { to: 'voided unheld', reply: 'voided' },
    refund: { to: 'voided unheld', reply: 'refunded' },
  },
  'trying (1)': {
    authorize: { reply: 'pending' },
    'authorize later': { reply: 'pending' },
    pay: { early: true },
    capture: { reply: 'not captured: not authorized' },
    void: { to: 'cancelling (void)' },
    refund: { to: 'cancelling (refund)' },
  },
  'trying (2)': {
    authorize: { reply: 'pending' },
    'authorize later': { reply: 'pending' },
    pay: { early: true },
    capture: { reply: 'not captured: not authorized' },
    void: { to: 'cancelling (void)' },
    refund: { to: 'cancelling (refund)' },
  },
  authorizing: {
    authorize: wait,
    'authorize later': wait,
    pay: wait,
    capture: { reply: 'not captured: not authorized' },
    void: { to: 'cancelling (void)' },
    refund: { to: 'cancelling (refund)' },
  },
  'cancelling (void)': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: wait,
    refund: { to: 'cancelling (refund)' },
  },
  'cancelling (refund)': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { to: 'cancelling (void)' },
    refund: wait,
  },
  declined: {
    authorize: { reply: 'declined' },
    'authorize later': { reply: 'declined' },
    pay: wait,
    capture: { reply: 'not captured: not authorized' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  authorized: {
    authorize: { reply: 'authorized' },
    'authorize later': { reply: 'authorized' },
    pay: wait,
    capture: { to: 'capturing', call: 'capture' },
    void: { to: 'voiding (void)', call: 'void' },
    refund: { to: 'voiding (refund)', call: 'void' },
  },
  capturing: {
    authorize: { reply: 'authorized' },
    'authorize later': { reply: 'authorized' },
    pay: wait,
    capture: wait,
    void: { to: 'returning (void)' },
    refund: { to: 'returning (refund)' },
  },
  captured: {
    authorize: { reply: 'authorized' },
    'authorize later': { reply: 'authorized' },
    pay: wait,
    capture: { reply: 'captured' },
    void: { to: 'refunding (void)', call: 'refund' },
    refund: { to: 'refunding (refund)', call: 'refund' },
  },
  uncaptured: {
    authorize: { reply: 'authorized' },
    'authorize later': { reply: 'authorized' },
    pay: wait,
    capture: { reply: 'not captured: refused' },
    void: { to: 'voiding (void)', call: 'void' },
    refund: { to: 'voiding (refund)', call: 'void' },
  },
  'returning (void)': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: wait,
    refund: { to: 'returning (refund)' },
  },
  'returning (refund)': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { to: 'returning (void)' },
    refund: wait,
  },
  'voiding (void)': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: wait,
    refund: { to: 'voiding (refund)' },
  },
  'voiding (refund)': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { to: 'voiding (void)' },
    refund: wait,
  },
  'refunding (void)': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: wait,
    refund: { to: 'refunding (refund)' },
  },
  'refunding (refund)': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { to: 'refunding (void)' },
    refund: wait,
  },
  'voided before asked': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  'voided unpaid': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  'voided unheld': {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  voided: {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  refunded: {
    authorize: { reply: 'declined: voided' },
    'authorize later': { reply: 'declined: voided' },
    pay: wait,
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
}

test('every command in every state', () => {
  for (const name of namesOf(byCommand)) {
    for (const when of namesOf(commands)) {
      check(name, when, name, decide(payments[name], commands[when]), byCommand[name][when])
    }
  }
})

const late: Expected = { release: { authorization: 'auth_2', amount: 2500, currency_code: 'USD' } }
/** Where nothing is held, any money that still comes is too late. */
const unheld: Expected = { release: { authorization: 'auth_1', amount: 2500, currency_code: 'USD' } }

/** What a state waits for, and money that it does not; any other outcome changes nothing and tells nothing. */
const byOutcome: Partial<Record<Name, Partial<Record<keyof typeof outcomes, Expected>>>> = {
  pending: { authorized: unheld, 'authorized late': late },
  'pending (1 try)': { authorized: unheld, 'authorized late': late },
  'trying (1)': {
    authorized: { to: 'authorized', reply: 'authorized' },
    'authorized late': { to: 'authorized (2)', reply: 'authorized' },
    declined: { to: 'pending (1 try)', reply: 'try declined' },
  },
  'trying (2)': {
    authorized: { to: 'authorized', reply: 'authorized' },
    'authorized late': { to: 'authorized (2)', reply: 'authorized' },
    declined: { to: 'pending (2 tries)', reply: 'second try declined' },
  },
  authorizing: {
    authorized: { to: 'authorized', reply: 'authorized' },
    'authorized late': { to: 'authorized (2)', reply: 'authorized' },
    declined: { to: 'declined', reply: 'declined' },
  },
  'cancelling (void)': {
    authorized: { to: 'voiding (void)', call: 'void' },
    'authorized late': { to: 'voiding (2)', call: 'void' },
    declined: { to: 'voided unheld', reply: 'voided' },
  },
  'cancelling (refund)': {
    authorized: { to: 'voiding (refund)', call: 'void' },
    'authorized late': { to: 'voiding (2, refund)', call: 'void' },
    declined: { to: 'voided unheld', reply: 'refunded' },
  },
  declined: { authorized: unheld, 'authorized late': late },
  authorized: { 'authorized late': late },
  'authorized (2)': { authorized: unheld },
  'authorized by transfer': { authorized: unheld },
  'voiding (2)': { authorized: unheld, voided: { to: 'voided (2)', reply: 'voided' } },
  'voiding (2, refund)': { authorized: unheld, voided: { to: 'voided (2)', reply: 'refunded' } },
  'voided (2)': { authorized: unheld },
  'pending (2 tries)': { authorized: unheld, 'authorized late': late },
  capturing: {
    captured: { to: 'captured', reply: 'captured' },
    uncaptured: { to: 'uncaptured', reply: 'not captured: refused' },
    'authorized late': late,
  },
  captured: { 'authorized late': late },
  uncaptured: { 'authorized late': late },
  'returning (void)': {
    captured: { to: 'refunding (void)', call: 'refund' },
    uncaptured: { to: 'voiding (void)', call: 'void' },
    'authorized late': late,
  },
  'returning (refund)': {
    captured: { to: 'refunding (refund)', call: 'refund' },
    uncaptured: { to: 'voiding (refund)', call: 'void' },
    'authorized late': late,
  },
  'voiding (void)': { voided: { to: 'voided', reply: 'voided' }, 'authorized late': late },
  'voiding (refund)': { voided: { to: 'voided', reply: 'refunded' }, 'authorized late': late },
  'refunding (void)': { refunded: { to: 'refunded', reply: 'voided' }, 'authorized late': late },
  'refunding (refund)': { refunded: { to: 'refunded', reply: 'refunded' }, 'authorized late': late },
  'voided unpaid': { authorized: unheld, 'authorized late': late },
  'voided unheld': { authorized: unheld, 'authorized late': late },
  voided: { 'authorized late': late },
  refunded: { 'authorized late': late },
}

test('every outcome in every state', () => {
  for (const name of namesOf(payments)) {
    for (const when of namesOf(outcomes)) {
      const decision = learn(payments[name], purchase_id, outcomes[when])
      check(name, when, name, decision, byOutcome[name]?.[when] ?? wait)
    }
  }
})

const agreed: Holding = { authorization: 'auth_2', amount: 2500, currency_code: 'USD' }
const byTransfer: Partial<Record<Name, Expected>> = {
  absent: { early: true },
  pending: { to: 'authorized by transfer', reply: 'authorized' },
  ...Object.fromEntries(
    (['pending (1 try)', 'pending (2 tries)', 'trying (1)', 'trying (2)', 'authorizing'] as const).map((name) => [
      name,
      { to: 'authorized (2)', reply: 'authorized' },
    ]),
  ),
  'authorized by transfer': wait,
  'authorized (2)': wait,
  'voiding (2)': wait,
  'voiding (2, refund)': wait,
  'voided (2)': wait,
}

test('money that the provider tells of by itself, in every state: taken by what waits for it, else released', () => {
  for (const name of namesOf(payments)) {
    const decision = hear(payments[name], purchase_id, agreed)
    check(name, 'a transfer', name, decision, byTransfer[name] ?? { release: agreed })
  }
})

test('a provider that is silent, in every state: told to who waits for the money, and to nobody who gives it back', () => {
  for (const name of namesOf(payments)) {
    const { payment, ...told } = fallSilent(payments[name], purchase_id)
    assert.equal(payment, payments[name], name)
    const operation = name === 'authorizing' ? 'authorize' : name === 'capturing' ? 'capture' : undefined
    assert.deepEqual(told, operation === undefined ? {} : { reply: ProviderSilent({ purchase_id, operation }) }, name)
  }
})

test('an undo gives back the own charge of the payment, once, and not what another try had held', () => {
  const told: [string, Decision][] = []
  let payment: Payment = payments.absent
  const happens = (what: string, decision: Decision): void => {
    payment = decision.payment
    told.push([what, decision])
  }
  happens('asked', decide(payment, commands['authorize later']))
  happens('card', decide(payment, commands.pay))
  happens('transfer', hear(payment, purchase_id, agreed))
  happens('capture', decide(payment, commands.capture))
  happens('captured', learn(payment, purchase_id, outcomes.captured))
  happens('card answers', learn(payment, purchase_id, outcomes.authorized))
  happens('released', learn(payment, purchase_id, outcomes.released))
  happens('refund', decide(payment, commands.refund))
  happens('refund again', decide(payment, commands.refund))
  happens('refunded', learn(payment, purchase_id, outcomes.refunded))
  happens('refund once more', decide(payment, commands.refund))
  assert.deepEqual(
    told.flatMap(([what, { call }]) => (call === undefined ? [] : [`${what}: ${call}`])),
    ['card: authorize', 'capture: capture', 'refund: refund'],
  )
  const releases = told.flatMap(([what, { release }]) => (release === undefined ? [] : [[what, release]]))
  assert.deepEqual(releases, [['card answers', { authorization: 'auth_1', amount: 2500, currency_code: 'USD' }]])
  const refunding = told.find(([what]) => what === 'refund')?.[1].payment
  assert.deepEqual(refunding, {
    state: 'refunding',
    terms: payments['trying (1)'].terms,
    authorization: 'auth_2',
    owed: 'refund',
  })
})

test('money of another amount or currency is never taken', () => {
  for (const holding of [
    { ...agreed, amount: 2499 },
    { ...agreed, amount: 2501 },
    { ...agreed, currency_code: 'EUR' },
  ]) {
    for (const name of ['pending', 'trying (1)', 'authorizing', 'captured', 'voided unpaid'] as const)
      check(name, 'another sum', name, hear(payments[name], purchase_id, holding), { release: holding })
  }
})

function tryDeclined(number: number) {
  const { customer_id, amount, currency_code } = terms
  return PaymentTryDeclined({ purchase_id, customer_id, number, amount, currency_code, reason: 'card-declined' })
}

function namesOf<T extends object>(record: T): (keyof T & string)[] {
  return Object.keys(record) as (keyof T & string)[]
}

test('what costs nothing is not paid later but at once', () => {
  const free = AuthorizePayment({ purchase_id, ...cardless, amount: 0, payment_method: 'transfer' })
  const { payment, call, reply } = decide({ state: 'absent' }, free)
  assert.deepEqual([payment.state, call, reply], ['authorizing', 'authorize', undefined])
})
