// The laws of the shop, checked over what its tables and the payment provider's ledger say. Shares no code with the services:
// what they believe of themselves is not asked.

/** What one purchase came to, as each party tells it. Absent: that party has never heard of it. */
export type Case = {
  readonly id: string
  readonly status: string
  /** Why it was not completed. */
  readonly reason?: string
  /** How often its history says that it has ended. */
  readonly ends: number
  readonly amount: number
  /** Units by product; lines of the same product added up. */
  readonly lines: ReadonlyMap<string, number>
  readonly reservation?: { readonly state: string; readonly lines: ReadonlyMap<string, number> }
  /** Given back after it was completed: `refunded`. */
  readonly order?: { readonly status: string; readonly amount: number; readonly refunded?: number }
  readonly payment?: { readonly status: string }
  readonly ledger: readonly Entry[]
}

/** One line of the provider's ledger; one purchase may have several authorizations when it is paid later. */
export type Entry = { readonly kind: string; readonly amount: number; readonly authorization?: string }

export type StockCase = {
  readonly product: string
  readonly on_hand: number
  readonly reserved: number
  /** What the ledger of movements adds up to. */
  readonly moved: number
  /** Units that movements say were sold. */
  readonly sold: number
}

export type Evidence = {
  readonly cases: readonly Case[]
  readonly stock: readonly StockCase[]
  /** Purchases that the shop has said it accepted. */
  readonly accepted: readonly string[]
  /** Requests that never got an answer: their purchases may or may not exist. */
  readonly unanswered: number
}

const ENDS = new Set(['completed', 'refused', 'cancelled'])

/** Why a purchase may not have been completed: for what customers, the provider, the stock and the time to pay are. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  cancelled: ['cancelled-by-customer', 'not-paid-in-time', 'provider-silent'],
  refused: [
    'out-of-stock',
    'unknown-product',
    'card-declined',
    'insufficient-funds',
    'expired-card',
    'unknown-card',
    'capture-refused',
  ],
}

/** What breaks a law, in sentences; empty when all hold. To be asked once nothing moves any more. */
export const violationsIn = (evidence: Evidence): readonly string[] => [
  ...evidence.cases.flatMap(oneEnd),
  ...evidence.cases.flatMap(ownReason),
  ...evidence.cases.flatMap(money),
  ...stock(evidence),
  ...nothingLost(evidence),
]

/** What the order of a completed purchase may be: later, it may be given back. */
const SOLD = new Set(['COMPLETED', 'PARTIALLY_REFUNDED', 'REFUNDED'])

/**
 * 1. Every accepted purchase ends in exactly one of completed, refused, cancelled; the order tells the same. One that is paid
 * later may rest as long as its order is to be paid.
 */
const oneEnd = ({ id, status, ends, order }: Case): readonly string[] => {
  const broken: string[] = []
  if (status === 'resting') {
    if (order?.status === 'PENDING' && ends === 0) return []
    return [`one end: purchase ${id} rests, its order ${order?.status ?? 'does not exist'}`]
  }
  if (!ENDS.has(status)) broken.push(`one end: purchase ${id} is still ${status}`)
  else if (ends !== 1) broken.push(`one end: purchase ${id} has ended ${ends} times`)
  if (status === 'completed' && !SOLD.has(order?.status ?? '')) {
    broken.push(`one end: purchase ${id} is completed, its order ${order?.status ?? 'does not exist'}`)
  }
  if (status !== 'completed' && order !== undefined && order.status !== 'CANCELLED') {
    broken.push(`one end: purchase ${id} is ${status}, its order ${order.status}`)
  }
  return broken
}

/** It ended for a reason of its own, never because the machinery stood still. */
const ownReason = ({ id, status, reason }: Case): readonly string[] =>
  reason === undefined || REASONS[status]?.includes(reason) === true
    ? []
    : [`own reason: purchase ${id} was ${status}: ${reason}`]

/** 2. Captured money equals the orders paid, less refunds; at most one capture per purchase; nothing stays authorized. */
const money = ({ id, status, amount, order, payment, ledger }: Case): readonly string[] => {
  const total = (kind: string): number =>
    ledger.filter((entry) => entry.kind === kind).reduce((sum, entry) => sum + entry.amount, 0)
  const broken = twiceIn(ledger).map((kind) => `money: purchase ${id} has 2 entries "${kind}"`)
  const kept = total('captured') - total('refunded')
  const refunded = order?.refunded ?? 0
  const owed = status === 'completed' ? amount - refunded : 0
  if (kept !== owed) broken.push(`money: purchase ${id} is ${status}, ${kept} was kept instead of ${owed}`)
  if (status !== 'completed' && total('refunded') > amount)
    broken.push(`money: purchase ${id} cost ${amount}, ${total('refunded')} was given back`)
  if (status === 'completed' && order !== undefined && order.amount !== amount) {
    broken.push(`money: purchase ${id} cost ${amount}, its order says ${order.amount}`)
  }
  if ((payment?.status === 'captured') !== (status === 'completed')) {
    broken.push(`money: purchase ${id} is ${status}, its payment ${payment?.status ?? 'does not exist'}`)
  }
  if (status === 'resting' && payment?.status !== 'pending') {
    broken.push(`money: purchase ${id} rests, its payment ${payment?.status ?? 'does not exist'}`)
  }
  const held = total('authorized') - total('captured') - total('voided')
  if (held !== 0) broken.push(`money: purchase ${id} is ${status}, ${held} is still held on the card`)
  return broken
}

/** Kinds that happened twice where they may happen once: a capture of a purchase; to an authorization, all but a refund. */
const twiceIn = (ledger: readonly Entry[]): readonly string[] => {
  const places = ledger.flatMap(({ kind, authorization = '' }) => {
    if (kind === 'refunded') return []
    return [kind === 'captured' ? kind : `${kind} ${authorization}`.trim()]
  })
  return [...new Set(places.filter((place, i) => places.indexOf(place) !== i))]
}

/** What has become of the stock of a purchase; of any other it is released, or was never given. */
const RESERVATIONS: Readonly<Record<string, string>> = { completed: 'committed', resting: 'reserved' }

const add = (units: Map<string, number>, product: string, more: number): void => {
  units.set(product, (units.get(product) ?? 0) + more)
}

/** 3. on_hand = available + reserved, none negative; every reserved unit is sold or released exactly once. */
const stock = ({ cases, stock: products }: Evidence): readonly string[] => {
  const broken: string[] = []
  const sold = new Map<string, number>()
  const waiting = new Map<string, number>()
  for (const { id, status, lines, reservation } of cases) {
    const expected = RESERVATIONS[status] ?? 'released'
    const isRefusal = reservation === undefined || reservation.state === 'refused'
    if (status === 'resting') for (const [product, units] of lines) add(waiting, product, units)
    if (status in RESERVATIONS ? reservation?.state !== expected : !isRefusal && reservation.state !== expected) {
      broken.push(`stock: purchase ${id} is ${status}, its stock ${reservation?.state ?? 'was never asked for'}`)
    }
    if (reservation?.state !== 'committed') continue
    if (!isSame(lines, reservation.lines)) broken.push(`stock: purchase ${id} bought other units than it was given`)
    for (const [product, units] of reservation.lines) add(sold, product, units)
  }
  for (const { product, on_hand, reserved, moved, sold: told } of products) {
    if (on_hand < 0 || reserved < 0 || reserved > on_hand)
      broken.push(`stock: ${product} has ${on_hand}, ${reserved} reserved`)
    const forNobody = reserved - (waiting.get(product) ?? 0)
    if (forNobody !== 0) broken.push(`stock: ${forNobody} units of ${product} are reserved for nobody`)
    if (moved !== on_hand) broken.push(`stock: ${product} has ${on_hand}, its movements add up to ${moved}`)
    if (told !== (sold.get(product) ?? 0)) {
      broken.push(`stock: ${sold.get(product) ?? 0} of ${product} were bought, ${told} left the house`)
    }
  }
  return broken
}

/** 4. Nothing acknowledged is lost, nothing unasked exists. */
const nothingLost = ({ cases, accepted, unanswered }: Evidence): readonly string[] => {
  const known = new Set(cases.map(({ id }) => id))
  const promised = new Set(accepted)
  const gone = [...promised].filter((id) => !known.has(id))
  const broken = gone.map((id) => `nothing lost: purchase ${id} was accepted and is gone`)
  const shared = accepted.length - promised.size
  if (shared > 0) broken.push(`nothing lost: ${shared} requests were given the id of another`)
  const unasked = known.size - (promised.size - gone.length)
  if (unasked > unanswered) {
    broken.push(`nothing unasked: ${unasked} purchases more than accepted, ${unanswered} requests unanswered`)
  }
  return broken
}

const isSame = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean =>
  one.size === other.size && [...one].every(([product, units]) => other.get(product) === units)
