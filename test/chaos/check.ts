import type { LetterAbout } from '../laws/books.ts'
import type { Case, StockCase } from '../laws/laws.ts'
import type { History, Intent } from './history.ts'
import { withoutReason } from './reasons.ts'

/** What is known once nothing moves any more: from the client, from the tables, from the provider's ledger. */
export type Seen = {
  readonly history: History
  readonly cases: readonly Case[]
  readonly stock: readonly StockCase[]
  /** The idempotency key of each purchase. */
  readonly keys: ReadonlyMap<string, string>
  readonly letters: readonly LetterAbout[]
  readonly orphans: readonly string[]
  readonly afterthoughts: readonly string[]
  /** Units of each product that the shop opened with. */
  readonly opening: ReadonlyMap<string, number>
}

/** Client outcomes of one key, put together. */
type Told = { readonly ids: ReadonlySet<string>; readonly unknown: boolean; readonly refused: boolean }

/** What contradicts the client's history, in sentences. What the books say of themselves is checked by laws.ts. */
export const contradictions = (seen: Seen): readonly string[] => {
  const told = tellings(seen.history)
  return [
    ...acknowledged(seen, told),
    ...unasked(seen, told),
    ...asMeant(seen),
    ...unitsLeft(seen),
    ...letters(seen),
    ...refunds(seen),
    ...overdue(seen),
    ...withoutReason(seen.cases, (id) => seen.history.intents.get(seen.keys.get(id) ?? '')),
    ...seen.afterthoughts.map((what) => `one end: ${what}, which had ended`),
    ...seen.orphans.map((orphan) => `nothing unasked: ${orphan} has no purchase`),
  ]
}

/** Keys whose purchases the client was told of, and keys that may or may not have become one. */
export const outcomesOf = (history: History): { accepted: readonly string[]; unanswered: number } => {
  const told = [...tellings(history).values()]
  return {
    accepted: told.flatMap(({ ids }) => [...ids]),
    unanswered: told.filter(({ ids, unknown }) => ids.size === 0 && unknown).length,
  }
}

const tellings = (history: History): ReadonlyMap<string, Told> => {
  const byKey = Map.groupBy(history.events, ({ key }) => key)
  return new Map(
    [...byKey].map(([key, events]) => [
      key,
      {
        ids: new Set(events.flatMap(({ id }) => id ?? [])),
        unknown: events.some(({ is }) => is === 'info') || events.at(-1)?.is === 'invoke',
        refused: events.some(({ is }) => is === 'fail'),
      },
    ]),
  )
}

const acknowledged = ({ keys }: Seen, told: ReadonlyMap<string, Told>): readonly string[] =>
  [...told].flatMap(([key, { ids }]) => {
    if (ids.size > 1) return [`one purchase: key ${key} was answered with ${ids.size} ids`]
    return [...ids]
      .filter((id) => keys.get(id) !== key)
      .map((id) => `nothing lost: key ${key} was accepted as ${id}, whose key is ${keys.get(id) ?? 'nowhere'}`)
  })

const unasked = ({ keys }: Seen, told: ReadonlyMap<string, Told>): readonly string[] =>
  [...Map.groupBy(keys, ([, key]) => key)].flatMap(([key, purchases]) => {
    const asked = told.get(key)
    if (asked === undefined) return [`nothing unasked: nobody has used key ${key}`]
    if (purchases.length > 1) return [`one purchase: key ${key} has become ${purchases.length} purchases`]
    return asked.refused && asked.ids.size === 0 && !asked.unknown
      ? [`nothing unasked: key ${key} was refused and exists`]
      : []
  })

/** Each purchase is what the client meant, and a card that gives nothing has bought nothing. */
const asMeant = ({ history, cases, keys }: Seen): readonly string[] =>
  cases.flatMap(({ id, status, amount, lines }) => {
    const meant = history.intents.get(keys.get(id) ?? '')
    if (meant === undefined) return []
    const broken: string[] = []
    const owed = meant.lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
    if (amount !== owed) broken.push(`money: purchase ${id} costs ${amount}, its lines come to ${owed}`)
    const units = unitsOf([meant])
    if (units.size !== lines.size || [...units].some(([product, n]) => lines.get(product) !== n))
      broken.push(`one purchase: ${id} has other lines than were asked for`)
    if (status === 'completed' && meant.kind.completes === false)
      broken.push(`money: purchase ${id} is completed with a card for "${meant.kind.name}"`)
    return broken
  })

/** What is on hand is what there was, less what completed purchases asked for. */
const unitsLeft = ({ history, cases, keys, stock, opening }: Seen): readonly string[] => {
  const completed = cases.filter(({ status }) => status === 'completed')
  const sold = unitsOf(completed.flatMap(({ id }) => history.intents.get(keys.get(id) ?? '') ?? []))
  return stock.flatMap(({ product, on_hand }) => {
    const left = (opening.get(product) ?? 0) - (sold.get(product) ?? 0)
    return left === on_hand ? [] : [`stock: ${product} should have ${left} left and has ${on_hand}`]
  })
}

const unitsOf = (intents: readonly Intent[]): ReadonlyMap<string, number> => {
  const units = new Map<string, number>()
  for (const { product, quantity } of intents.flatMap(({ lines }) => lines))
    units.set(product, (units.get(product) ?? 0) + quantity)
  return units
}

/** What the letters at the end of a purchase are called. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  completed: ['purchase-completed', 'payment-received'],
  refused: ['purchase-refused'],
  cancelled: ['purchase-cancelled'],
}

/** One letter for each purchase that has ended, and it says how; of what else was written about it, each once. */
const letters = ({ cases, letters: sent }: Seen): readonly string[] => {
  const about = Map.groupBy(sent, ({ purchase }) => purchase)
  const endings = new Set(Object.values(ENDINGS).flat())
  return cases.flatMap(({ id, status, order }) => {
    const got = about.get(id) ?? []
    const names = got.map(({ template, number }) => (number === null ? template : `${template} ${number}`))
    const broken: string[] = []
    const ends = got.filter(({ template }) => endings.has(template))
    if (ends.length !== 1 || ENDINGS[status]?.includes(ends[0]?.template ?? '') !== true)
      broken.push(`mail: purchase ${id} is ${status}, its letters are ${names.join(', ') || 'none'}`)
    if (new Set(names).size < names.length)
      broken.push(`mail: purchase ${id} was written to twice: ${names.join(', ')}`)
    const isGivenBack = (order?.refunded ?? 0) > 0
    if (names.includes('refund') !== isGivenBack)
      broken.push(`mail: ${order?.refunded ?? 0} was given back of ${id}, its letters are ${names.join(', ')}`)
    return broken
  })
}

/** What the seller was promised was given back, and nothing that nobody asked for. */
const refunds = ({ cases, history }: Seen): readonly string[] =>
  cases.flatMap(({ id, order }) => {
    const { asked, promised } = history.refunds.get(id) ?? { asked: 0, promised: 0 }
    const refunded = order?.refunded ?? 0
    if (refunded >= promised && (refunded === 0 || refunded === asked)) return []
    return [`money: ${refunded} was given back of ${id}, asked was ${asked}, promised ${promised}`]
  })

/** Whoever has not paid in time has no claim any more. */
const overdue = ({ cases }: Seen): readonly string[] =>
  cases
    .filter(({ status }) => status === 'resting')
    .map(({ id }) => `one end: purchase ${id} still waits for its money`)
