export type Marketplace = 'open' | 'curated'

export type Person = { readonly id: string; readonly roles: readonly string[] }

/** Whether this person may create categories and sell products. */
export const maySell = (marketplace: Marketplace, { roles }: Person): boolean =>
  marketplace === 'open' || roles.includes('seller') || roles.includes('admin')

/** Whether this person may change a category or a product, or take a product off sale. */
export const mayChange = (thing: { readonly owner_id: string }, { id, roles }: Person): boolean =>
  thing.owner_id === id || roles.includes('admin')
