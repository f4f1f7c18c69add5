import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command, event } from '@kit/message/message'
import type { Message } from '@kit/message/message'
import Type from 'typebox'
import { advance, begin } from './advance.ts'
import type { Input } from './advance.ts'
import { diagram } from './diagram.ts'
import { asks, coveredBy, refusedBy, saga, undoneBy } from './saga.ts'
import { entryOf, readHistory, statusOf } from './state.ts'
import type { Line, State } from './state.ts'

const id = Type.Object({ id: Type.String() })
const no = Type.Object({ id: Type.String(), why: Type.String() })
const Book = command('trip.book-room.v1', 'id', id)
const Booked = event('trip.room-booked.v1', 'id', id)
const Full = event('trip.room-full.v1', 'id', no)
const Leave = command('trip.cancel-room.v1', 'id', id)
const Left = event('trip.room-cancelled.v1', 'id', id)
const Confirm = command('trip.confirm-room.v1', 'id', id)
const Confirmed = event('trip.room-confirmed.v1', 'id', id)
const Lapsed = event('trip.room-lapsed.v1', 'id', no)
const Pay = command('trip.pay.v1', 'id', id)
const Paid = event('trip.paid.v1', 'id', id)
const Declined = event('trip.declined.v1', 'id', no)
const Unpaid = event('trip.payment-pending.v1', 'id', id)
const Stopped = event('trip.stopped.v1', 'id', no)
const Silent = event('trip.bank-silent.v1', 'id', id)
const Refund = command('trip.refund.v1', 'id', id)
const Refunded = event('trip.refunded.v1', 'id', id)
const Ticket = command('trip.ticket.v1', 'id', id)
const Ticketed = event('trip.ticketed.v1', 'id', id)
const Insure = command('trip.insure.v1', 'id', id)
const Insured = event('trip.insured.v1', 'id', id)
const Over = event('trip.over.v1', 'id', id)
const Off = event('trip.off.v1', 'id', no)

type Trip = { readonly id: string }
const only = ({ id }: Trip) => ({ id })
const trip = saga<Trip>({
  name: 'trip',
  version: 2,
  finishes: [1],
  steps: [
    {
      name: 'book',
      ask: asks(Book, only),
      done: Booked,
      refused: refusedBy(Full, ({ why }) => why),
      undo: undoneBy(Leave, only, Left),
    },
    {
      name: 'confirm',
      ask: asks(Confirm, only),
      done: Confirmed,
      refused: refusedBy(Lapsed, ({ why }) => why, { when: ({ why }) => why !== 'other', outcome: 'cancelled' }),
      undo: coveredBy('book'),
    },
    {
      name: 'pay',
      ask: asks(Pay, only),
      done: Paid,
      refused: refusedBy(Declined, ({ why }) => why),
      pending: Unpaid,
      calledOff: [
        refusedBy(Stopped, ({ why }) => why, { outcome: 'cancelled' }),
        refusedBy(Silent, () => 'bank-silent', { outcome: 'cancelled' }),
      ],
      undo: undoneBy(Refund, only, Refunded),
      patience: 500,
    },
  ],
  settle: [
    { name: 'ticket', ask: asks(Ticket, only), done: Ticketed },
    { name: 'insure', ask: asks(Insure, only), done: Insured },
  ],
  completed: ({ id }) => [Over({ id })],
  failed: ({ id }, { outcome, step, reason }) => [Off({ id, why: `${outcome} ${step} ${reason}` })],
})

const data = { id: 't1' }
const now = new Date('2026-01-01T00:00:00Z')
const yes = (type: (data: Trip) => Message): Message => type(data)
const refusal = (type: (data: { id: string; why: string }) => Message, why = 'sorry'): Message =>
  type({ id: 't1', why })

/** Runs inputs from the beginning; what was sent, where it ended and what the history says. */
const run = (...inputs: readonly Input[]) => {
  const first = begin(trip, data, now)
  let state: State = first.state
  const sent = [...first.send]
  const lines: Line[] = [...first.history]
  for (const input of inputs) {
    const next = advance(trip, data, state, input, now)
    state = next.state
    sent.push(...next.send)
    lines.push(...next.history)
  }
  return { state, status: statusOf(state), sent: sent.map(({ type }) => type.split('.')[1]), lines }
}

const forward = [yes(Booked), yes(Confirmed), yes(Paid)]

test('every step done, then both settlements in any order: completed, and told once', () => {
  const asked = ['book-room', 'confirm-room', 'pay', 'ticket', 'insure', 'over']
  for (const last of [[Ticketed, Insured] as const, [Insured, Ticketed] as const]) {
    const { status, sent } = run(...forward, ...last.map(yes))
    assert.equal(status, 'completed')
    assert.deepEqual(sent, asked)
  }
})

test('a refusal undoes what came before, last first, each acknowledged before the next', () => {
  assert.deepEqual(run(refusal(Full)).sent, ['book-room', 'off'])
  assert.equal(run(refusal(Full)).status, 'refused')

  const lapsed = [yes(Booked), refusal(Lapsed)]
  assert.deepEqual(run(...lapsed).sent, ['book-room', 'confirm-room', 'cancel-room'])
  assert.equal(run(...lapsed).status, 'undoing')
  assert.equal(run(...lapsed, yes(Left)).status, 'cancelled')

  const declined = [yes(Booked), yes(Confirmed), refusal(Declined)]
  assert.deepEqual(run(...declined, yes(Left)).sent, ['book-room', 'confirm-room', 'pay', 'cancel-room', 'off'])
  assert.equal(run(...declined, yes(Left)).status, 'refused')
})

test('a step without an answer is asked again, ever more seldom, and never given up', () => {
  for (const before of [[], [yes(Booked)], [yes(Booked), yes(Confirmed)]]) {
    const waits: unknown[] = []
    let { state } = run(...before)
    for (let i = 0; i < 1_000; i++) {
      const next = advance(trip, data, state, 'timeout', now)
      assert.deepEqual(
        next.send.map(({ type }) => type),
        run(...before)
          .sent.slice(-1)
          .map((name) => `trip.${name}.v1`),
      )
      waits.push(next.wait)
      state = next.state
    }
    assert.equal(statusOf(state), 'asking')
    const first = before.length === 2 ? 500 : 10_000
    assert.deepEqual(waits.slice(0, 3), [first * 2, first * 4, first * 8])
    assert.equal(waits.at(-1), 600_000)
    // The answer comes at last.
    const [answer] = forward.slice(before.length)
    assert.notDeepEqual(advance(trip, data, state, answer ?? yes(Paid), now).send, [])
  }
})

test('the history says how often it was asked', () => {
  const { lines } = run('timeout', 'timeout')
  assert.deepEqual(
    lines.map(([, ...line]) => line),
    [
      ['asked', 'book'],
      ['timed-out', 'book'],
      ['asked', 'book', 'attempt 2'],
      ['timed-out', 'book'],
      ['asked', 'book', 'attempt 3'],
    ],
  )
})

test('only a message gives a step up: silence of the bank undoes the step too', () => {
  const given = run(yes(Booked), yes(Confirmed), 'timeout', yes(Silent), yes(Paid), yes(Refunded), yes(Left))
  assert.deepEqual(given.sent, ['book-room', 'confirm-room', 'pay', 'pay', 'refund', 'cancel-room', 'off'])
  assert.deepEqual(given.state, {
    phase: 'failed',
    failure: { outcome: 'cancelled', step: 'pay', reason: 'bank-silent' },
  })
  assert.equal(run(yes(Booked), yes(Silent)).status, 'asking')
})

test('a refusal after a second ask undoes the step too, for the first ask may have been carried out', () => {
  const { sent } = run(yes(Booked), yes(Confirmed), 'timeout', refusal(Declined))
  assert.deepEqual(sent, ['book-room', 'confirm-room', 'pay', 'pay', 'refund'])
})

test('an answer that comes after its step was given up is recorded and changes nothing', () => {
  const given: Input[] = [yes(Booked), yes(Confirmed), yes(Silent)]
  const before = run(...given)
  const after = run(...given, yes(Paid))
  assert.deepEqual(after.state, before.state)
  assert.deepEqual(after.sent, before.sent)
  assert.deepEqual(after.lines.at(-1)?.slice(1), ['ignored', 'pay', 'trip.paid.v1'])
})

test('an undo is asked for ever, and a settlement too', () => {
  const undo = run(yes(Booked), refusal(Lapsed), ...Array<Input>(20).fill('timeout'))
  assert.equal(undo.status, 'undoing')
  assert.equal(undo.sent.filter((type) => type === 'cancel-room').length, 21)
  const settling = run(...forward, yes(Insured), ...Array<Input>(20).fill('timeout'))
  assert.equal(settling.status, 'settling')
  assert.equal(settling.sent.filter((type) => type === 'ticket').length, 21)
  assert.equal(settling.sent.filter((type) => type === 'insure').length, 1)
})

test('a refusal meant for another step changes nothing', () => {
  assert.equal(run(yes(Booked), refusal(Lapsed, 'other')).status, 'asking')
  assert.equal(run(refusal(Lapsed)).status, 'asking')
})

test('a retry by hand asks again and does not count', () => {
  const { state, sent } = run('retry', 'retry', 'retry', 'retry')
  assert.deepEqual(state, { phase: 'asking', step: 'book', attempt: 1 })
  assert.equal(sent.length, 5)
})

const atPay = [yes(Booked), yes(Confirmed)]
const resting = [...atPay, yes(Unpaid)]

test('a step that is pending rests without a deadline, and goes on when it is done at last', () => {
  const rests = run(...resting)
  assert.equal(rests.status, 'resting')
  assert.deepEqual(rests.state, { phase: 'resting', step: 'pay' })
  const late = run(...resting, 'timeout', 'retry', yes(Unpaid))
  assert.deepEqual(late.state, rests.state)
  assert.deepEqual(late.sent, rests.sent)
  const done = run(...resting, yes(Paid), yes(Unpaid), yes(Ticketed), yes(Insured))
  assert.equal(done.status, 'completed')
  assert.deepEqual(done.sent, ['book-room', 'confirm-room', 'pay', 'ticket', 'insure', 'over'])
})

test('what is called off, asked or resting, is undone with its step and ends cancelled, for the reason given', () => {
  for (const before of [atPay, resting]) {
    const off = run(...before, refusal(Stopped, 'expired'))
    assert.deepEqual(off.sent, ['book-room', 'confirm-room', 'pay', 'refund'])
    // Told that it is pending, or paid, only after it was called off.
    const ended = run(...before, refusal(Stopped, 'expired'), yes(Unpaid), yes(Paid), yes(Refunded), yes(Left))
    assert.deepEqual(ended.state, {
      phase: 'failed',
      failure: { outcome: 'cancelled', step: 'pay', reason: 'expired' },
    })
    assert.deepEqual(ended.sent, ['book-room', 'confirm-room', 'pay', 'refund', 'cancel-room', 'off'])
  }
  assert.equal(run(yes(Booked), refusal(Stopped)).status, 'asking')
})

test('a refusal after a rest undoes the step too', () => {
  assert.deepEqual(run(...resting, refusal(Declined)).sent, ['book-room', 'confirm-room', 'pay', 'refund'])
})

/** Every state that any inputs lead to within so many moves, by its JSON; breadth first, for attempts have no end. */
const reachable = (moves: number): ReadonlyMap<string, State> => {
  const states = new Map<string, State>()
  let edge = [begin(trip, data, now).state]
  for (let move = 0; move < moves; move++) {
    const next = edge.flatMap((state) => everyInput.map((input) => advance(trip, data, state, input, now).state))
    for (const state of edge) states.set(JSON.stringify(state), state)
    edge = [...new Map(next.map((state) => [JSON.stringify(state), state]))]
      .filter(([key]) => !states.has(key))
      .map(([, state]) => state)
  }
  return states
}
const everyInput: readonly Input[] = [
  'timeout',
  'retry',
  ...[Booked, Confirmed, Unpaid, Paid, Left, Refunded, Ticketed, Insured, Silent].map(yes),
  ...[Full, Lapsed, Declined, Stopped].map((type) => refusal(type)),
]

test('every state x every input: ends stay ends, a repeated answer changes nothing, something is always waited for', () => {
  const states = [...reachable(12).values()]
  assert.ok(states.length > 100, `only ${states.length} states found`)
  for (const state of states) {
    const ended = state.phase === 'completed' || state.phase === 'failed'
    for (const input of everyInput) {
      const next = advance(trip, data, state, input, now)
      if (input === 'timeout') assert.equal(statusOf(next.state), statusOf(state), 'time alone has led somewhere')
      if (ended) {
        assert.deepEqual(next.state, state)
        assert.deepEqual(next.send, [])
      } else if (next.send.length > 0 && next.state.phase !== 'completed' && next.state.phase !== 'failed') {
        assert.ok(next.wait, 'what is asked has a deadline')
      }
      if (typeof input === 'string') continue
      const again = advance(trip, data, next.state, input, now)
      assert.deepEqual(again.state, next.state, 'a repeated answer changed the state')
      assert.deepEqual(again.send, [])
    }
  }
})

test('history is numbered and read back from where the reader was', () => {
  const { lines } = run(yes(Booked), refusal(Lapsed))
  const stored = lines.map((line) => `${entryOf([line])}\n`).join('')
  const read = readHistory(stored)
  assert.deepEqual(
    read.map(({ n, what, step }) => `${n} ${what} ${step}`),
    ['1 asked book', '2 done book', '3 asked confirm', '4 refused confirm', '5 undo-asked book'],
  )
  assert.deepEqual(readHistory(stored, 4), read.slice(4))
  assert.equal(read[3]?.detail, 'sorry')
  assert.deepEqual(read[0]?.at, now)
})

test('a table that does not add up is refused', () => {
  const [first, second, third] = trip.steps
  assert.ok(first && second && third)
  assert.throws(() => saga({ ...trip, steps: [first, first] }), /name once, and book twice/)
  assert.throws(() => saga({ ...trip, steps: [second, first] }), /covered by "book"/)
  assert.throws(() => saga({ ...trip, steps: [first, { ...third, done: Booked }] }), /reply once/)
  for (const versions of [{ version: 0 }, { version: 1.5 }, { version: 2, finishes: [2] }])
    assert.throws(() => saga({ ...trip, ...versions }), /versions are counted from 1/)
})

test('the diagram has an arrow for every way', () => {
  const drawn = diagram(trip)
  assert.match(drawn, /s0 -- "room booked" --> s1/)
  assert.match(drawn, /s1 -\. "room lapsed" \.-> u0/)
  assert.match(drawn, /s2 -\. "bank silent" \.-> u2/)
  assert.doesNotMatch(drawn, /no answer/)
  assert.match(drawn, /u2 -- "refunded" --> u0/)
  assert.match(drawn, /s2 -- "paid" --> e1/)
  assert.match(drawn, /s2 -- "payment pending" --> r2/)
  assert.match(drawn, /r2 -- "paid" --> e0/)
  assert.match(drawn, /r2 -\. "stopped" \.-> u2/)
})
