import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AuthorizePayment,
  CapturePayment,
  CaptureRefused,
  PaymentAuthorized,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  RefundPayment,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import { decide, learn } from './decide.ts'
import type { Decision, Reply } from './decide.ts'
import type { Command, Operation, Outcome, Payment } from './payment.ts'

const purchase_id = '01930000-0000-7000-8000-0000000000a1'
const terms = {
  customer_id: '01930000-0000-7000-8000-0000000000c1',
  amount: 2500,
  currency_code: 'USD',
  card_token: 'tok_approve',
}
const held = { terms, authorization: 'auth_1' }

const commands = {
  authorize: AuthorizePayment({ purchase_id, ...terms }),
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
} satisfies Record<string, Outcome>

const replies = {
  authorized: PaymentAuthorized({ purchase_id }),
  declined: PaymentDeclined({ purchase_id, reason: 'card-declined' }),
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
  authorizing: { state: 'authorizing', terms },
  'withdrawing (void)': { state: 'withdrawing', terms, owed: 'void' },
  'withdrawing (refund)': { state: 'withdrawing', terms, owed: 'refund' },
  declined: { state: 'declined', terms, reason: 'card-declined' },
  authorized: { state: 'authorized', ...held },
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
  'voided unheld': { state: 'voided', terms },
  voided: { state: 'voided', ...held },
  refunded: { state: 'refunded', ...held },
} satisfies Record<string, Payment>

type Name = keyof typeof payments
type Expected = { readonly to?: Name; readonly call?: Operation; readonly reply?: keyof typeof replies }

const check = (given: string, when: string, before: Name, decision: Decision, { to, call, reply }: Expected): void => {
  const where = `${given}, ${when}`
  if (to === undefined) assert.equal(decision.payment, payments[before], `${where}: unchanged`)
  else assert.deepEqual(decision.payment, payments[to], where)
  assert.equal(decision.call, call, where)
  assert.deepEqual(decision.reply, reply && replies[reply], where)
}

const wait: Expected = {}

const byCommand: Record<Name, Record<keyof typeof commands, Expected>> = {
  absent: {
    authorize: { to: 'authorizing', call: 'authorize' },
    capture: { reply: 'not captured: not authorized' },
    void: { to: 'voided before asked', reply: 'voided' },
    refund: { to: 'voided before asked', reply: 'refunded' },
  },
  authorizing: {
    authorize: wait,
    capture: { reply: 'not captured: not authorized' },
    void: { to: 'withdrawing (void)' },
    refund: { to: 'withdrawing (refund)' },
  },
  'withdrawing (void)': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: wait,
    refund: { to: 'withdrawing (refund)' },
  },
  'withdrawing (refund)': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: { to: 'withdrawing (void)' },
    refund: wait,
  },
  declined: {
    authorize: { reply: 'declined' },
    capture: { reply: 'not captured: not authorized' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  authorized: {
    authorize: { reply: 'authorized' },
    capture: { to: 'capturing', call: 'capture' },
    void: { to: 'voiding (void)', call: 'void' },
    refund: { to: 'voiding (refund)', call: 'void' },
  },
  capturing: {
    authorize: { reply: 'authorized' },
    capture: wait,
    void: { to: 'returning (void)' },
    refund: { to: 'returning (refund)' },
  },
  captured: {
    authorize: { reply: 'authorized' },
    capture: { reply: 'captured' },
    void: { to: 'refunding (void)', call: 'refund' },
    refund: { to: 'refunding (refund)', call: 'refund' },
  },
  uncaptured: {
    authorize: { reply: 'authorized' },
    capture: { reply: 'not captured: refused' },
    void: { to: 'voiding (void)', call: 'void' },
    refund: { to: 'voiding (refund)', call: 'void' },
  },
  'returning (void)': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: wait,
    refund: { to: 'returning (refund)' },
  },
  'returning (refund)': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: { to: 'returning (void)' },
    refund: wait,
  },
  'voiding (void)': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: wait,
    refund: { to: 'voiding (refund)' },
  },
  'voiding (refund)': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: { to: 'voiding (void)' },
    refund: wait,
  },
  'refunding (void)': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: wait,
    refund: { to: 'refunding (refund)' },
  },
  'refunding (refund)': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: { to: 'refunding (void)' },
    refund: wait,
  },
  'voided before asked': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  'voided unheld': {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  voided: {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
  refunded: {
    authorize: { reply: 'declined: voided' },
    capture: { reply: 'not captured: voided' },
    void: { reply: 'voided' },
    refund: { reply: 'refunded' },
  },
}

test('every command in every state', () => {
  for (const name of namesOf(payments)) {
    for (const when of namesOf(commands)) {
      check(name, when, name, decide(payments[name], commands[when]), byCommand[name][when])
    }
  }
})

/** Only what a state waits for; any other outcome changes nothing and tells nothing. */
const byOutcome: Partial<Record<Name, Partial<Record<keyof typeof outcomes, Expected>>>> = {
  authorizing: {
    authorized: { to: 'authorized', reply: 'authorized' },
    declined: { to: 'declined', reply: 'declined' },
  },
  'withdrawing (void)': {
    authorized: { to: 'voiding (void)', call: 'void' },
    declined: { to: 'voided unheld', reply: 'voided' },
  },
  'withdrawing (refund)': {
    authorized: { to: 'voiding (refund)', call: 'void' },
    declined: { to: 'voided unheld', reply: 'refunded' },
  },
  capturing: {
    captured: { to: 'captured', reply: 'captured' },
    uncaptured: { to: 'uncaptured', reply: 'not captured: refused' },
  },
  'returning (void)': {
    captured: { to: 'refunding (void)', call: 'refund' },
    uncaptured: { to: 'voiding (void)', call: 'void' },
  },
  'returning (refund)': {
    captured: { to: 'refunding (refund)', call: 'refund' },
    uncaptured: { to: 'voiding (refund)', call: 'void' },
  },
  'voiding (void)': { voided: { to: 'voided', reply: 'voided' } },
  'voiding (refund)': { voided: { to: 'voided', reply: 'refunded' } },
  'refunding (void)': { refunded: { to: 'refunded', reply: 'voided' } },
  'refunding (refund)': { refunded: { to: 'refunded', reply: 'refunded' } },
}

test('every outcome in every state', () => {
  for (const name of namesOf(payments)) {
    for (const when of namesOf(outcomes)) {
      const decision = learn(payments[name], purchase_id, outcomes[when])
      check(name, when, name, decision, byOutcome[name]?.[when] ?? wait)
    }
  }
})

function namesOf<T extends object>(record: T): (keyof T & string)[] {
  return Object.keys(record) as (keyof T & string)[]
}
