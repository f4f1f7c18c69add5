/** How the simulated provider behaves when it is asked for money of a card. */
export type Behaviour =
  | { readonly does: 'approve' }
  | { readonly does: 'decline'; readonly reason: string }
  /** Approves after so many ms. */
  | { readonly does: 'approve-late'; readonly after: number }
  /** Does it, and never answers. */
  | { readonly does: 'hang-after' }
  /** Does it, and answers with an error. */
  | { readonly does: 'fail-after' }
  /** Fails so many times without doing it, then approves. */
  | { readonly does: 'fail-first'; readonly times: number }

export type Card = {
  readonly number: string
  readonly token: string
  readonly authorize: Behaviour
  /** `approve` unless given. */
  readonly capture?: Behaviour
}

const approve = { does: 'approve' } as const

/** The only cards that the sandbox knows. Numbers are valid by Luhn's check and belong to nobody. */
export const CARDS: readonly Card[] = [
  { number: '4242424242424242', token: 'tok_approve', authorize: approve },
  { number: '4000000000000002', token: 'tok_decline', authorize: { does: 'decline', reason: 'card-declined' } },
  {
    number: '4000000000009995',
    token: 'tok_insufficient_funds',
    authorize: { does: 'decline', reason: 'insufficient-funds' },
  },
  { number: '4000000000000069', token: 'tok_expired', authorize: { does: 'decline', reason: 'expired-card' } },
  { number: '4000000000000077', token: 'tok_slow', authorize: { does: 'approve-late', after: 1_500 } },
  { number: '4000000000000259', token: 'tok_timeout_after_success', authorize: { does: 'hang-after' } },
  { number: '4000000000000119', token: 'tok_error_after_success', authorize: { does: 'fail-after' } },
  { number: '4000000000000127', token: 'tok_error_twice', authorize: { does: 'fail-first', times: 2 } },
  { number: '4000000000000408', token: 'tok_error_long', authorize: { does: 'fail-first', times: 10 } },
  {
    number: '4000000000000341',
    token: 'tok_capture_refused',
    authorize: approve,
    capture: { does: 'decline', reason: 'capture-refused' },
  },
  { number: '4000000000005423', token: 'tok_capture_timeout', authorize: approve, capture: { does: 'hang-after' } },
  { number: '4000000000005126', token: 'tok_capture_error', authorize: approve, capture: { does: 'fail-after' } },
]

/** The card of a payment that names none. */
export const DEFAULT_TOKEN = 'tok_approve'

/** What stands in the books in place of a card when the money came by transfer; no card has it. */
export const TRANSFER = 'transfer'

const byToken = new Map(CARDS.map((card) => [card.token, card]))
const byNumber = new Map(CARDS.map((card) => [card.number, card]))

/** Groups of digits as people write them are the same number. */
export const cardOfNumber = (number: string): Card | undefined => byNumber.get(number.replace(/[ -]/g, ''))

const unknown: Behaviour = { does: 'decline', reason: 'unknown-card' }

export const behaviourAt = (operation: 'authorize' | 'capture', token: string): Behaviour => {
  const card = byToken.get(token)
  if (operation === 'capture' && token === TRANSFER) return approve
  return card === undefined ? unknown : (card[operation] ?? approve)
}

/** Tokens of the cards that nothing can be captured from. */
export const UNCAPTURABLE = CARDS.filter(({ capture }) => capture?.does === 'decline').map(({ token }) => token)
