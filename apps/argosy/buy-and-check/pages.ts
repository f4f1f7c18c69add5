import type { Page } from '@kit/http/cursor'
import type { ShopClient } from '../demo/shop-client.ts'

/** All items of a list, page by page. */
export async function* pages<Item>(shop: ShopClient, path: string): AsyncGenerator<Item> {
  let cursor: string | null = null
  do {
    const query: string = new URLSearchParams({ limit: '100', ...(cursor !== null && { cursor }) }).toString()
    const { data, page }: Page<Item> = await shop.get(`${path}?${query}`)
    yield* data
    cursor = page.next
  } while (cursor !== null)
}
