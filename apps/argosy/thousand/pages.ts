import type { ShopClient } from '../demo/shop-client.ts'

/** All items of a list that is paged by cursor; `name` is the field that holds them. */
export async function* pages<Item>(shop: ShopClient, path: string, name: string): AsyncGenerator<Item> {
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({ limit: '100', ...(cursor !== undefined && { cursor }) })
    const page = await shop.get<Record<string, unknown>>(`${path}?${query.toString()}`)
    for (const item of page[name] as readonly Item[]) yield item
    cursor = page['next_cursor'] as string | undefined
  } while (cursor !== undefined)
}
