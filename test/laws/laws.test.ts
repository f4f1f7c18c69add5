// A checker must be seen to catch: each defect is planted into books that are in order, and must be reported.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { violationsIn, type Case, type Evidence, type StockCase } from './laws.ts'

const authorize = { kind: 'authorized', amount: 500 }
const capture = { kind: 'captured', amount: 500 }
const lines = new Map([
  ['jib', 2],
  ['mast', 1],
])
const bought: Case = {
  id: 'bought',
  status: 'completed',
  ends: 1,
  amount: 500,
  lines,
  reservation: { state: 'committed', lines },
  order: { status: 'COMPLETED', amount: 500 },
  payment: { status: 'captured' },
  ledger: [authorize, capture],
}
const declined: Case = {
  id: 'declined',
  status: 'refused',
  ends: 1,
  amount: 500,
  lines,
  reservation: { state: 'released', lines },
  order: { status: 'CANCELLED', amount: 500 },
  payment: { status: 'declined' },
  ledger: [],
}
const soldOut: Case = {
  id: 'sold-out',
  status: 'refused',
  reason: 'out-of-stock',
  ends: 1,
  amount: 500,
  lines,
  reservation: { state: 'refused', lines: new Map() },
  ledger: [],
}
const late: Case = {
  id: 'late',
  status: 'cancelled',
  reason: 'not-paid-in-time',
  ends: 1,
  amount: 500,
  lines,
  reservation: { state: 'released', lines },
  order: { status: 'CANCELLED', amount: 500 },
  payment: { status: 'voided' },
  ledger: [authorize, { kind: 'voided', amount: 500 }],
}
/** Paid later: two transfers came, the second went back; then half of it was given back in two parts. */
const twice: Case = {
  ...bought,
  id: 'twice',
  order: { status: 'PARTIALLY_REFUNDED', amount: 500, refunded: 250 },
  ledger: [
    { ...authorize, authorization: 'a' },
    { ...authorize, authorization: 'b' },
    { kind: 'voided', amount: 500, authorization: 'b' },
    { ...capture, authorization: 'a' },
    { kind: 'refunded', amount: 200, authorization: 'a' },
    { kind: 'refunded', amount: 50, authorization: 'a' },
  ],
}
const resting: Case = {
  id: 'resting',
  status: 'resting',
  ends: 0,
  amount: 500,
  lines,
  reservation: { state: 'reserved', lines },
  order: { status: 'PENDING', amount: 500 },
  payment: { status: 'pending' },
  ledger: [],
}
const { order: _order, ...withoutOrder } = bought
const jib: StockCase = { product: 'jib', on_hand: 6, reserved: 2, moved: 6, sold: 4 }
const mast: StockCase = { product: 'mast', on_hand: 8, reserved: 1, moved: 8, sold: 2 }

const good: Evidence = {
  cases: [bought, twice, resting, declined, soldOut, late],
  stock: [jib, mast],
  accepted: ['bought', 'twice', 'resting', 'declined', 'sold-out', 'late'],
  unanswered: 0,
}
const withCase = (changed: Case): Evidence => ({
  ...good,
  cases: good.cases.map((one) => (one.id === changed.id ? changed : one)),
})
const withStock = (changed: Partial<StockCase>): Evidence => ({ ...good, stock: [{ ...jib, ...changed }, mast] })

test('books that are in order', () => assert.deepEqual(violationsIn(good), []))

const defects: Readonly<Record<string, readonly [Evidence, RegExp]>> = {
  'a purchase that never ends': [
    withCase({ ...bought, status: 'asking', ends: 0 }),
    /one end: purchase bought is still/,
  ],
  'a purchase that was cancelled because the machinery stood still': [
    withCase({ ...late, reason: 'timed-out' }),
    /own reason: purchase late was cancelled: timed-out/,
  ],
  'a purchase that was refused because its stock had been given back': [
    withCase({ ...soldOut, reason: 'released-before' }),
    /own reason: purchase sold-out was refused: released-before/,
  ],
  'a purchase that ended twice': [withCase({ ...bought, ends: 2 }), /has ended 2 times/],
  'a completed purchase whose order was cancelled': [
    withCase({ ...bought, order: { status: 'CANCELLED', amount: 500 } }),
    /its order CANCELLED/,
  ],
  'a completed purchase without an order': [withCase(withoutOrder), /its order does not exist/],
  'a refused purchase whose order lives': [
    withCase({ ...declined, order: { status: 'PENDING', amount: 500 } }),
    /its order PENDING/,
  ],
  'a capture twice': [withCase({ ...bought, ledger: [...bought.ledger, capture] }), /2 entries "captured"/],
  'a capture that was never made': [withCase({ ...bought, ledger: [authorize] }), /0 was kept instead of 500/],
  'money kept for a cancelled purchase': [
    withCase({ ...late, ledger: [authorize, capture] }),
    /500 was kept instead of 0/,
  ],
  'money refunded twice': [
    withCase({
      ...late,
      ledger: [authorize, capture, { kind: 'refunded', amount: 500 }, { kind: 'refunded', amount: 500 }],
    }),
    /1000 was given back/,
  ],
  'money that stays held on the card': [withCase({ ...late, ledger: [authorize] }), /500 is still held/],
  'a completed purchase whose payment says otherwise': [
    withCase({ ...bought, payment: { status: 'voided' } }),
    /its payment voided/,
  ],
  'another amount than the order says': [
    withCase({ ...bought, order: { status: 'COMPLETED', amount: 499 } }),
    /its order says 499/,
  ],
  'stock that nobody released': [
    withCase({ ...declined, reservation: { state: 'reserved', lines } }),
    /is refused, its stock reserved/,
  ],
  'stock released for a completed purchase': [
    withCase({ ...bought, reservation: { state: 'released', lines } }),
    /is completed, its stock released/,
  ],
  'fewer units than were bought': [
    withCase({ ...bought, reservation: { state: 'committed', lines: new Map([['jib', 2]]) } }),
    /bought other units/,
  ],
  'units reserved for nobody': [withStock({ reserved: 3 }), /1 units of jib are reserved for nobody/],
  'units given away that wait for their money': [withStock({ reserved: 0 }), /-2 units of jib are reserved/],
  'more reserved than there is': [withStock({ reserved: 9 }), /has 6, 9 reserved/],
  'less than nothing on hand': [withStock({ on_hand: -1, moved: -1 }), /has -1/],
  'a movement that is missing': [withStock({ moved: 10 }), /add up to 10/],
  'a unit sold twice': [withStock({ sold: 5 }), /4 of jib were bought, 5 left/],
  'a purchase that rests though its order is cancelled': [
    withCase({ ...resting, order: { status: 'CANCELLED', amount: 500 } }),
    /rests, its order CANCELLED/,
  ],
  'a purchase that rests though it is paid': [
    withCase({ ...resting, payment: { status: 'authorized' }, ledger: [authorize] }),
    /rests, its payment authorized/,
  ],
  'a purchase that rests without its stock': [
    withCase({ ...resting, reservation: { state: 'released', lines } }),
    /is resting, its stock released/,
  ],
  'two authorizations captured': [
    withCase({ ...twice, ledger: [...twice.ledger.slice(0, 2), capture, { ...capture, authorization: 'b' }] }),
    /2 entries "captured"/,
  ],
  'a second transfer that stays': [
    withCase({ ...twice, ledger: twice.ledger.filter(({ kind }) => kind !== 'voided') }),
    /500 is still held/,
  ],
  'less given back than the order says': [
    withCase({ ...twice, ledger: twice.ledger.slice(0, -1) }),
    /300 was kept instead of 250/,
  ],
  'an accepted purchase that is gone': [
    { ...good, cases: good.cases.filter(({ id }) => id !== 'late') },
    /purchase late was accepted and is gone/,
  ],
  'a purchase that nobody asked for': [
    { ...good, accepted: good.accepted.filter((id) => id !== 'sold-out') },
    /1 purchases more than accepted/,
  ],
}
for (const [name, [evidence, expected]] of Object.entries(defects)) {
  test(`caught: ${name}`, () => assert.match(violationsIn(evidence).join('\n'), expected))
}

test('a request without an answer may have become a purchase', () => {
  const accepted = good.accepted.filter((id) => id !== 'sold-out')
  assert.deepEqual(violationsIn({ ...good, accepted, unanswered: 1 }), [])
})
