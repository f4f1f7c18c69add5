/** What a customer may still do about an order that is to be paid later. */
export type Step = 'card' | 'declined card' | 'transfer' | 'cancel'

/** What happens to a purchase after it was accepted. */
export type Afterwards =
  /** In groups: what stands in one is done at once, one group after the other. None at all: it is never paid. */
  | { readonly later: readonly (readonly Step[])[] }
  /** Its share of the amount is given back by the seller once it is completed. */
  | { readonly refund: 'part' | 'whole' }

/**
 * What a purchase is meant to meet. `completes`: nothing but a fault stands in its way; `perhaps`: it is a race, with a
 * cancellation or with the time in which it has to be paid.
 */
export type Kind = {
  readonly name: string
  readonly card?: string
  readonly completes: boolean | 'perhaps'
  /** What the provider says when it refuses. */
  readonly refusedFor?: string
  /** The provider may leave the shop without an answer for so long that it gives up. */
  readonly silent?: true
  readonly afterwards?: Afterwards
}

export type Line = { readonly product: string; readonly quantity: number; readonly price: number }

/** A purchase as the client means it; its key is sent along and belongs to no other. */
export type Intent = {
  readonly key: string
  readonly kind: Kind
  readonly buyer: number
  readonly lines: readonly Line[]
  /** There is certainly stock for it. */
  readonly inStock: boolean
}

/**
 * What the client saw, as Jepsen calls it. `ok`: accepted under this id. `fail`: certainly not accepted. `info`: nobody
 * knows; it may have become a purchase. A key has one `invoke` and one outcome for each try.
 */
export type Event = {
  readonly at: number
  readonly key: string
  readonly is: 'invoke' | 'ok' | 'fail' | 'info'
  readonly id?: string
  readonly detail?: string
}

export class History {
  readonly events: Event[] = []
  readonly intents = new Map<string, Intent>()
  /** By purchase: what the seller meant to give back, and what the shop has promised to. */
  readonly refunds = new Map<string, { readonly asked: number; readonly promised: number }>()

  invoke(intent: Intent): void {
    this.intents.set(intent.key, intent)
    this.events.push({ at: Date.now(), key: intent.key, is: 'invoke' })
  }

  outcome(key: string, outcome: Omit<Event, 'at' | 'key'>): void {
    this.events.push({ at: Date.now(), key, ...outcome })
  }

  refundAsked(id: string, amount: number): void {
    this.refunds.set(id, { asked: amount, promised: 0 })
  }

  refundPromised(id: string, amount: number): void {
    this.refunds.set(id, { asked: amount, promised: amount })
  }

  count(is: Event['is']): number {
    return this.events.filter((event) => event.is === is).length
  }
}
