import { hasRole } from '@argosy/contracts/roles'

export type Marketplace = 'open' | 'curated'

export type Person = { readonly id: string; readonly roles: readonly string[] }

/** Whether this person may create categories and sell products. */
export const maySell = (marketplace: Marketplace, person: Person): boolean =>
  marketplace === 'open' || hasRole(person, 'seller') || hasRole(person, 'admin')

/** Whether this person may change a category or a product, or take a product off sale. */
export const mayChange = (thing: { readonly owner_id: string }, person: Person): boolean =>
  thing.owner_id === person.id || hasRole(person, 'admin')
