/** What a purchase is meant to meet. `completes`: nothing but a fault stands in its way. */
export type Kind = { readonly name: string; readonly card?: string; readonly completes: boolean }

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

  invoke(intent: Intent): void {
    this.intents.set(intent.key, intent)
    this.events.push({ at: Date.now(), key: intent.key, is: 'invoke' })
  }

  outcome(key: string, outcome: Omit<Event, 'at' | 'key'>): void {
    this.events.push({ at: Date.now(), key, ...outcome })
  }

  count(is: Event['is']): number {
    return this.events.filter((event) => event.is === is).length
  }
}
