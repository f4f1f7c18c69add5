import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AuthorizePayment,
  CapturePayment,
  PaymentRefunded,
  PaymentVoided,
  PayPending,
  RefundPayment,
  VoidPayment,
} from '@argosy/contracts/messages/payment'
import fc from 'fast-check'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import { hear, learn } from './learn.ts'
import type { Command, Operation, Outcome, Payment } from './payment.ts'

// Any commands in any order, a provider that says yes or no as it likes and tells of transfers when it likes: the laws of
// money hold.

const purchase_id = '01930000-0000-7000-8000-0000000000a1'
const terms = { purchase_id, customer_id: '01930000-0000-7000-8000-0000000000c1', amount: 100, currency_code: 'USD' }
const byCard = AuthorizePayment(terms)
const later = AuthorizePayment({ ...terms, payment_method: 'transfer' })
const others = [CapturePayment({ purchase_id }), VoidPayment({ purchase_id }), RefundPayment({ purchase_id })]

type Transfer = { readonly transfer: number; readonly amount: number }
/** A command comes, a call under way comes back (the how-manieth, and the provider willing or not), or a transfer is told of. */
type Step = Command | { readonly back: number; readonly willing: boolean } | Transfer

const back = fc.record({ back: fc.nat(3), willing: fc.boolean() })
// Few transfers, so that each is told of twice now and then; one of them of another sum.
const transfer = fc.constantFrom<Transfer>(
  { transfer: 1, amount: 100 },
  { transfer: 2, amount: 100 },
  { transfer: 3, amount: 99 },
)
const stepsOf = (authorize: Command, more: readonly Command[]): fc.Arbitrary<readonly Step[]> =>
  fc.array(fc.oneof(fc.constantFrom<Command>(authorize, ...others, ...more), back, transfer), { maxLength: 40 })

type Call = { readonly operation: Operation | 'release'; readonly authorization: string; readonly amount: number }

/** The provider's books: what became of each authorization. */
class Provider {
  readonly held = new Map<string, number>()
  readonly captured = new Map<string, number>()
  readonly gone = new Set<string>()
  #cards = 0

  transfer({ transfer, amount }: Transfer): string {
    const authorization = `transfer_${transfer}`
    if (!this.captured.has(authorization) && !this.gone.has(authorization)) this.held.set(authorization, amount)
    return authorization
  }

  answer({ operation, authorization, amount }: Call, willing: boolean): Outcome {
    switch (operation) {
      case 'authorize': {
        if (!willing) return { is: 'declined', reason: 'card-declined' }
        const card = `card_${++this.#cards}`
        this.held.set(card, amount)
        return { is: 'authorized', authorization: card }
      }
      case 'capture':
        if (!willing) return { is: 'uncaptured', reason: 'capture-refused' }
        assert.equal(this.held.get(authorization), amount, 'only what is held, and all of it, can be captured')
        this.held.delete(authorization)
        this.captured.set(authorization, amount)
        return { is: 'captured' }
      case 'void':
      case 'release':
        assert.ok(!this.captured.has(authorization), 'what is captured cannot be voided')
        this.held.delete(authorization)
        this.gone.add(authorization)
        return operation === 'void' ? { is: 'voided' } : { is: 'released' }
      case 'refund':
        assert.ok(this.captured.delete(authorization), 'only what is captured can be refunded')
        this.gone.add(authorization)
        return { is: 'refunded' }
    }
  }
}

class World {
  payment: Payment = { state: 'absent' }
  readonly provider = new Provider()
  readonly underWay: Call[] = []
  /** Commands that came too early. */
  readonly kept: Command[] = []
  captures = 0
  /** Cards that were offered for what is to be paid later. */
  offered = 0

  step(step: Step): void {
    if ('type' in step) {
      if (step.type === PayPending.type) this.offered++
      return this.decide(step)
    }
    if ('back' in step) return this.comeBack(step.back, step.willing)
    // Nobody transfers before the order is there; told of too early it would wait, which is not the payment's matter.
    if (this.payment.state === 'absent') return
    const holding = { authorization: this.provider.transfer(step), amount: step.amount, currency_code: 'USD' }
    this.take(hear(this.payment, purchase_id, holding))
  }

  decide(command: Command): void {
    const decision = decide(this.payment, command)
    if (decision.early === true) this.kept.push(command)
    this.take(decision)
  }

  take({ payment, call, release, reply }: Decision): void {
    this.payment = payment
    if (call !== undefined) {
      const authorization = 'authorization' in payment ? (payment.authorization ?? '') : ''
      this.underWay.push({ operation: call, authorization, amount: 100 })
    }
    if (call === 'capture') this.captures++
    if (release !== undefined) this.underWay.push({ operation: 'release', ...release })
    const inTheAir = this.underWay.filter(({ operation }) => operation !== 'release' && operation !== 'authorize')
    assert.ok(inTheAir.length <= 1, 'two calls at once for one payment')
    assert.ok(this.captures <= 1, 'captured twice')
    if (reply?.type === PaymentVoided.type || reply?.type === PaymentRefunded.type) this.isAllReleased()
  }

  comeBack(which: number, willing: boolean): void {
    const [call] = this.underWay.splice(which % Math.max(1, this.underWay.length), 1)
    if (call !== undefined) this.take(learn(this.payment, purchase_id, this.provider.answer(call, willing)))
  }

  /** Nothing is captured; what is held is a surplus that is on its way out. */
  isAllReleased(): void {
    assert.equal(this.provider.captured.size, 0, 'told that it is given back while some is captured')
    const leaving = new Set(this.underWay.map(({ authorization }) => authorization))
    for (const held of this.provider.held.keys()) assert.ok(leaving.has(held), `${held} is held for nobody`)
  }

  /** Everything under way comes to its end, and then what was kept. */
  rest(): void {
    for (let turns = 0; ; turns++) {
      assert.ok(turns < 200, 'it never comes to rest')
      if (this.underWay.length > 0) this.comeBack(0, true)
      else if (this.kept.length > 0 && this.payment.state !== 'absent') this.decideKept()
      else return
    }
  }

  decideKept(): void {
    const kept = this.kept.shift()
    if (kept !== undefined) this.decide(kept)
  }
}

for (const [name, authorize, more] of [
  ['paid at once', byCard, []],
  ['paid later', later, [PayPending({ purchase_id, card_token: 'tok' })]],
] as const) {
  test(`${name}: one capture at most, nothing held for nobody, no card passed over, and all given back when told so`, () => {
    fc.assert(
      fc.property(stepsOf(authorize, more), fc.boolean(), (steps, undone) => {
        const world = new World()
        for (const step of steps) world.step(step)
        if (undone) world.step(VoidPayment({ purchase_id }))
        world.rest()
        const { held, captured } = world.provider
        const own = 'authorization' in world.payment ? world.payment.authorization : undefined
        for (const each of [...held.keys(), ...captured.keys()]) assert.equal(each, own, 'only its own money is kept')
        assert.ok(held.size + captured.size <= 1)
        const { payment, offered } = world
        if (payment.state === 'pending') assert.equal(payment.tries, offered, 'a card was offered and never tried')
        if (!undone) return
        // Whatever came before: a void is acknowledged in the end, with nothing held.
        assert.equal(decide(world.payment, VoidPayment({ purchase_id })).reply?.type, PaymentVoided.type)
        assert.deepEqual([held.size, captured.size], [0, 0])
      }),
      { numRuns: 3_000 },
    )
  })
}
