import type { Shop } from '../fleet/shop.ts'
import type { Keeper } from './keeper.ts'

/** What stands before the instances: it sends customers to one that answers, as a load balancer does. */
export class Door {
  #leadsTo: Keeper

  constructor(keeper: Keeper) {
    this.#leadsTo = keeper
  }

  /** From now on customers come to this one. */
  leadTo(keeper: Keeper): void {
    this.#leadsTo = keeper
  }

  /** The shop as it is now; while it is down, once it is up again. */
  shop = (): Promise<Shop> => this.#leadsTo.shop()
}
