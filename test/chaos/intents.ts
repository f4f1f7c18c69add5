import type { Product } from '../fleet/shop.ts'
import type { Intent, Kind, Line, Step } from './history.ts'
import type { Random } from './random.ts'

const APPROVED: Kind = { name: 'approve', completes: true }

/** To be paid later, by groups of steps that are taken at once. */
const later = (name: string, ...steps: readonly (readonly Step[])[]): Kind => ({
  name,
  completes: 'perhaps',
  afterwards: { later: steps },
})

/** Every way that the sandbox's cards behave, as often as the list has it. */
const KINDS: readonly Kind[] = [
  ...Array.from({ length: 11 }, () => APPROVED),
  { name: 'decline', card: '4000000000000002', completes: false, refusedFor: 'card-declined' },
  { name: 'insufficient funds', card: '4000000000009995', completes: false, refusedFor: 'insufficient-funds' },
  { name: 'slow', card: '4000000000000077', completes: true, silent: true },
  { name: 'time-out after success', card: '4000000000000259', completes: true, silent: true },
  { name: 'error after success', card: '4000000000000119', completes: true, silent: true },
  { name: 'error twice, then approve', card: '4000000000000127', completes: true, silent: true },
  { name: 'capture refused', card: '4000000000000341', completes: false, refusedFor: 'capture-refused' },
  { name: 'capture times out after success', card: '4000000000005423', completes: true, silent: true },
  { name: 'capture fails after success', card: '4000000000005126', completes: true, silent: true },
  { name: 'approve, refund in part', completes: true, afterwards: { refund: 'part' } },
  { name: 'approve, refund', completes: true, afterwards: { refund: 'whole' } },
  later('paid later by card', ['card']),
  later('paid later by transfer', ['transfer']),
  later('paid later by both at once', ['card', 'transfer', 'card']),
  later('paid later, the first card declined', ['declined card'], ['card']),
  later('cancelled and paid at once', ['cancel', 'card', 'transfer']),
  { ...later('cancelled, then paid', ['cancel'], ['transfer']), completes: 'perhaps' },
  { ...later('never paid'), completes: false },
]

export const isLater = ({ afterwards }: Kind): boolean => afterwards !== undefined && 'later' in afterwards

export type Range = {
  /** Never sold out. */
  readonly plenty: readonly Product[]
  /** Sold out soon. */
  readonly short: readonly Product[]
}

/** The `n`th purchase: one to three lines, the same product twice now and then, and sometimes a product that is short. */
export const intent = (n: number, { plenty, short }: Range, buyers: number, chance: Random, name: string): Intent => {
  const kind = chance.pick(KINDS)
  const chosen: Product[] = Array.from({ length: chance.between(1, 3) }, () => chance.pick(plenty))
  const isShort = short.length > 0 && chance.next() < 0.12
  if (isShort) chosen.push(chance.pick(short))
  const [first] = chosen
  if (first !== undefined && chance.next() < 0.1) chosen.push(first)
  const lines = chosen.map(({ id, price }): Line => ({ product: id, quantity: chance.between(1, 3), price }))
  return { key: `${name}-${n}`, kind, buyer: chance.between(0, buyers - 1), lines, inStock: !isShort }
}
