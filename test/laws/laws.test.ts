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
  ends: 1,
  amount: 500,
  lines,
  reservation: { state: 'refused', lines: new Map() },
  ledger: [],
}
const late: Case = {
  id: 'late',
  status: 'cancelled',
  ends: 1,
  amount: 500,
  lines,
  reservation: { state: 'released', lines },
  order: { status: 'CANCELLED', amount: 500 },
  payment: { status: 'voided' },
  ledger: [authorize, { kind: 'voided', amount: 500 }],
}
const { order: _order, ...withoutOrder } = bought
const jib: StockCase = { product: 'jib', on_hand: 8, reserved: 0, moved: 8, sold: 2 }
const mast: StockCase = { product: 'mast', on_hand: 9, reserved: 0, moved: 9, sold: 1 }

const good: Evidence = {
  cases: [bought, declined, soldOut, late],
  stock: [jib, mast],
  accepted: ['bought', 'declined', 'sold-out', 'late'],
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
    /2 entries "refunded"/,
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
  'units reserved for nobody': [withStock({ reserved: 1 }), /1 units of jib are reserved for nobody/],
  'more reserved than there is': [withStock({ reserved: 9 }), /has 8, 9 reserved/],
  'less than nothing on hand': [withStock({ on_hand: -1, moved: -1 }), /has -1/],
  'a movement that is missing': [withStock({ moved: 10 }), /add up to 10/],
  'a unit sold twice': [withStock({ sold: 3 }), /2 of jib were bought, 3 left/],
  'an accepted purchase that is gone': [
    { ...good, cases: [bought, declined, soldOut] },
    /purchase late was accepted and is gone/,
  ],
  'a purchase that nobody asked for': [
    { ...good, accepted: ['bought', 'declined', 'late'] },
    /1 purchases more than accepted/,
  ],
}
for (const [name, [evidence, expected]] of Object.entries(defects)) {
  test(`caught: ${name}`, () => assert.match(violationsIn(evidence).join('\n'), expected))
}

test('a request without an answer may have become a purchase', () => {
  assert.deepEqual(violationsIn({ ...good, accepted: ['bought', 'declined', 'late'], unanswered: 1 }), [])
})
