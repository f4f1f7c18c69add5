import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrderCancelled } from '@argosy/contracts/messages/order'
import { PaymentAuthorized, ProviderSilent } from '@argosy/contracts/messages/payment'
import type { Message } from '@kit/message/message'
import { advance, begin } from '@kit/saga/advance'
import type { Input } from '@kit/saga/advance'
import { isEnded, statusOf } from '@kit/saga/state'
import type { State } from '@kit/saga/state'
import fc from 'fast-check'
import { purchaseSaga } from './purchase-saga.ts'
import type { Purchase } from './purchase-saga.ts'
import { answer, emptyBooks } from './test-neighbours.ts'
import type { Books, Mood } from './test-neighbours.ts'

const purchase = {
  purchase_id: '01930000-0000-7000-8000-0000000000b1',
  customer_id: '01930000-0000-7000-8000-00000000000a',
  lines: [
    {
      product_id: '01930000-0000-7000-8000-0000000000c1',
      name: 'Lamp',
      price: 1_250,
      quantity: 2,
      seller_id: '01930000-0000-7000-8000-0000000000d1',
    },
  ],
  amount: 2_500,
  currency_code: 'USD',
}
const byCard: Purchase = { ...purchase, card_token: 'tok_approve' }
const later: Purchase = { ...purchase, payment_method: 'transfer' }
const now = new Date('2026-01-01T00:00:00Z')
const kind: Mood = { outOfStock: false, declines: false, captureFails: false }

/** A purchase among its neighbours over a network that a test drives. */
class World {
  readonly books: Books = emptyBooks()
  readonly asked: string[] = []
  readonly told: string[] = []
  readonly commands: Message[] = []
  readonly replies: Message[] = []
  readonly mood: Mood
  readonly purchase: Purchase
  state: State
  ends = 0

  constructor(mood: Mood, purchase = byCard) {
    this.mood = mood
    this.purchase = purchase
    const { state, send } = begin(purchaseSaga, purchase, now)
    this.state = state
    this.#sent(send)
  }

  /** Gives the saga an input. */
  input(input: Input): void {
    const before = this.state
    const { state, send } = advance(purchaseSaga, this.purchase, before, input, now)
    if (isEnded(before)) assert.deepEqual(state, before, 'something left a terminal state')
    if (!isEnded(before) && isEnded(state)) {
      this.ends++
      this.checkLaws(state)
    }
    this.state = state
    this.#sent(send)
  }

  /** Carries the command at this place out. */
  carryOut(command: Message): void {
    this.replies.push(answer(this.books, command, this.mood, purchase.amount))
  }

  /** Somebody else cancels the order: only one that is not paid yet can be. */
  cancelOrder(): void {
    if (this.books.order !== 'PENDING') return
    this.books.order = 'CANCELLED'
    this.replies.push(OrderCancelled({ purchase_id: purchase.purchase_id, reason: 'x' }))
  }

  /** The customer pays what is pending. */
  pay(): void {
    if (this.books.payment !== 'pending') return
    Object.assign(this.books, { payment: 'authorized', held: purchase.amount })
    this.replies.push(PaymentAuthorized({ purchase_id: purchase.purchase_id }))
  }

  /** The provider leaves a call unanswered: only told of one that is under way, and not of what is paid later. */
  fallSilent(operation: 'authorize' | 'capture'): void {
    const asked = this.commands.some(({ type }) => type === `payment.${operation}-payment.v1`)
    if (!asked || this.purchase.payment_method === 'transfer') return
    this.replies.push(ProviderSilent({ purchase_id: purchase.purchase_id, operation }))
  }

  /** What must be true when the end is told and, whatever still arrives, for ever after. */
  checkLaws(state: State): void {
    const { stock, order, payment, held, taken, captures } = this.books
    assert.ok(captures <= 1, 'captured twice')
    assert.equal(held, 0, 'money is held after the end')
    if (state.phase === 'completed') {
      assert.deepEqual([stock, order, payment, taken], ['committed', 'COMPLETED', 'captured', 2_500])
    } else {
      assert.equal(taken, 0, 'money was taken for nothing')
      assert.notEqual(stock, 'reserved')
      assert.notEqual(stock, 'committed')
      assert.ok(order === 'none' || order === 'CANCELLED', `the order is ${order}`)
    }
  }

  #sent(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.kind === 'command') {
        this.commands.push(message)
        this.asked.push(message.type.split('.')[1] ?? '')
      } else this.told.push(message.type)
    }
  }
}

/** Everything arrives once, in order, until nothing is left. */
const drain = (world: World): World => {
  for (;;) {
    const command = world.commands.shift()
    if (command !== undefined) world.carryOut(command)
    const reply = world.replies.shift()
    if (reply !== undefined) world.input(reply)
    if (command === undefined && reply === undefined) return world
  }
}

test('a purchase that goes well', () => {
  const world = drain(new World(kind))
  assert.equal(statusOf(world.state), 'completed')
  assert.deepEqual(world.asked, [
    'reserve-stock',
    'place-order',
    'authorize-payment',
    'mark-paid',
    'capture-payment',
    'commit-stock',
    'complete-order',
  ])
  assert.deepEqual(world.told, ['purchase.purchase-completed.v1'])
})

test('out of stock: refused, nothing to undo', () => {
  const world = drain(new World({ ...kind, outOfStock: true }))
  assert.deepEqual(world.asked, ['reserve-stock'])
  assert.deepEqual(world.state, {
    phase: 'failed',
    failure: { outcome: 'refused', step: 'reserve stock', reason: 'out-of-stock' },
  })
  assert.deepEqual(world.told, ['purchase.purchase-failed.v1'])
})

test('declined: the order is cancelled, then the stock released, then the customer told', () => {
  const world = drain(new World({ ...kind, declines: true }))
  assert.deepEqual(world.asked, ['reserve-stock', 'place-order', 'authorize-payment', 'cancel-order', 'release-stock'])
  assert.equal(statusOf(world.state), 'refused')
})

test('the capture fails: the authorized money is let go, then the order, then the stock', () => {
  const world = drain(new World({ ...kind, captureFails: true }))
  assert.deepEqual(world.asked.slice(5), ['void-payment', 'cancel-order', 'release-stock'])
  assert.equal(statusOf(world.state), 'refused')
})

test('an order that somebody cancelled cannot be paid: the purchase is cancelled and nobody is charged', () => {
  const world = new World(kind)
  const steps = 3
  for (let i = 0; i < steps; i++) {
    const command = world.commands.shift()
    assert.ok(command)
    world.carryOut(command)
    if (i === steps - 1) world.books.order = 'CANCELLED'
    const reply = world.replies.shift()
    assert.ok(reply)
    world.input(reply)
  }
  drain(world)
  assert.deepEqual(world.asked.slice(3), ['mark-paid', 'void-payment', 'cancel-order', 'release-stock'])
  assert.equal(statusOf(world.state), 'cancelled')
})

test('paid later: it rests, and goes on when it is paid', () => {
  const world = drain(new World(kind, later))
  assert.equal(statusOf(world.state), 'resting')
  world.pay()
  drain(world)
  assert.equal(statusOf(world.state), 'completed')
  assert.equal(world.books.captures, 1)
})

test('paid later and cancelled before: the payment is closed, the stock released, and nobody charged', () => {
  const world = drain(new World(kind, later))
  world.cancelOrder()
  drain(world)
  world.pay()
  drain(world)
  assert.deepEqual(world.asked.slice(3), ['void-payment', 'cancel-order', 'release-stock'])
  assert.equal(statusOf(world.state), 'cancelled')
  world.checkLaws(world.state)
})

test('paid and cancelled at once: whichever the order hears first', () => {
  const world = drain(new World(kind, later))
  world.pay()
  world.cancelOrder()
  drain(world)
  assert.equal(statusOf(world.state), 'cancelled')
  assert.equal(world.books.captures, 0)
  world.checkLaws(world.state)
})

/** A purchase that has come to the step with this number and has asked for it. */
const askedFor = (i: number): World => {
  const world = new World(kind)
  for (let done = 0; done < i; done++) {
    const command = world.commands.shift()
    assert.ok(command)
    world.carryOut(command)
    const reply = world.replies.shift()
    assert.ok(reply)
    world.input(reply)
  }
  return world
}

for (const [i, step] of purchaseSaga.steps.entries()) {
  test(`"${step.name}" is not answered for very long, carried out or not: asked again, and the purchase completes`, () => {
    for (const carriedOut of [true, false]) {
      const world = askedFor(i)
      for (let attempt = 0; attempt < 100; attempt++) {
        const command = world.commands.shift()
        assert.ok(command)
        if (carriedOut) world.carryOut(command)
        world.input('timeout')
      }
      drain(world)
      assert.equal(statusOf(world.state), 'completed')
      world.checkLaws(world.state)
    }
  })
}

for (const [i, operation] of [[2, 'authorize'] as const, [4, 'capture'] as const]) {
  test(`the provider leaves "${operation}" unanswered, done or not: undone with all before, and nothing is left`, () => {
    for (const done of [true, false]) {
      const world = askedFor(i)
      const [command] = world.commands
      assert.ok(command)
      if (done) world.carryOut(command)
      else world.commands.shift()
      const late = world.replies.splice(0)
      world.input(ProviderSilent({ purchase_id: purchase.purchase_id, operation }))
      // The answer comes now that nobody waits for it any more, and the provider is silent about the other call too.
      for (const reply of late) world.input(reply)
      world.input(ProviderSilent({ purchase_id: purchase.purchase_id, operation: 'capture' }))
      drain(world)
      assert.equal(statusOf(world.state), 'cancelled')
      assert.deepEqual(world.state, {
        phase: 'failed',
        failure: { outcome: 'cancelled', step: `${operation} payment`, reason: 'provider-silent' },
      })
      world.checkLaws(world.state)
    }
  })
}

test('a provider that is silent about another call than the one waited for changes nothing', () => {
  const world = askedFor(2)
  world.input(ProviderSilent({ purchase_id: purchase.purchase_id, operation: 'capture' }))
  drain(world)
  assert.equal(statusOf(world.state), 'completed')
})

/** One thing that a network and a clock may do. */
type Move =
  | { readonly does: 'carry out' | 'carry out twice' | 'lose command'; readonly at: number }
  | { readonly does: 'deliver' | 'deliver twice' | 'lose reply'; readonly at: number }
  | { readonly does: 'time out' }
  | { readonly does: 'cancel the order' }
  | { readonly does: 'pay' }
  | { readonly does: 'fall silent'; readonly operation: 'authorize' | 'capture' }

const at = fc.nat(20)
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constantFrom('carry out' as const), at }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constantFrom('deliver' as const), at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom(
        'carry out twice' as const,
        'deliver twice' as const,
        'lose command' as const,
        'lose reply' as const,
      ),
      at,
    }),
  },
  { weight: 2, arbitrary: fc.constant({ does: 'time out' as const }) },
  { weight: 1, arbitrary: fc.constant({ does: 'cancel the order' as const }) },
  { weight: 1, arbitrary: fc.constant({ does: 'pay' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('fall silent' as const),
      operation: fc.constantFrom('authorize' as const, 'capture' as const),
    }),
  },
)

const make = (world: World, move: Move): void => {
  if (move.does === 'time out') return isEnded(world.state) ? undefined : world.input('timeout')
  if (move.does === 'cancel the order') return world.cancelOrder()
  if (move.does === 'pay') return world.pay()
  if (move.does === 'fall silent') return world.fallSilent(move.operation)
  const ofCommands = move.does.startsWith('carry') || move.does === 'lose command'
  const from = ofCommands ? world.commands : world.replies
  if (from.length === 0) return
  const place = move.at % from.length
  const [message] = move.does.endsWith('twice') ? [from[place]] : from.splice(place, 1)
  if (message === undefined || move.does.startsWith('lose')) return
  if (ofCommands) world.carryOut(message)
  else world.input(message)
}

/** What was lost on the way to a purchase that rests is told again by who has said it: such messages are not lost for good. */
const wake = (world: World): void => {
  const { order, payment } = world.books
  const id = { purchase_id: purchase.purchase_id }
  if (order === 'CANCELLED') world.replies.push(OrderCancelled({ ...id, reason: 'x' }))
  else if (payment === 'authorized') world.replies.push(PaymentAuthorized(id))
  else if (payment === 'pending') world.pay()
  else assert.fail(`it rests for ever: ${JSON.stringify(world.books)}`)
}

test('any order, repetition, loss and delay: exactly one end, and the laws of money and stock hold for ever after', () => {
  const mood = fc.record({ outOfStock: fc.boolean(), declines: fc.boolean(), captureFails: fc.boolean() })
  fc.assert(
    fc.property(
      fc.oneof(fc.constant(kind), mood),
      fc.constantFrom(byCard, later),
      fc.array(move, { maxLength: 80 }),
      (mood, purchase, moves) => {
        const world = new World(mood, purchase)
        for (const one of moves) make(world, one)
        // From now on the network is good; what was lost is asked again.
        for (let round = 0; !isEnded(world.state); round++) {
          assert.ok(round < 20, `no end in sight: ${JSON.stringify(world.state)}`)
          drain(world)
          if (world.state.phase === 'resting') wake(world)
          else if (!isEnded(world.state)) world.input('timeout')
        }
        drain(world)
        assert.equal(world.ends, 1)
        assert.equal(world.told.length, 1)
        world.checkLaws(world.state)
      },
    ),
    { numRuns: 2_000 },
  )
})
