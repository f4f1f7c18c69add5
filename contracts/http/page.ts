import Type from 'typebox'
import type { TSchema } from 'typebox'

/** What every list that comes in pages is asked with, beside its filters. */
export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  cursor: Type.Optional(Type.String({ maxLength: 500, description: 'page.next of the page before' })),
}

/** What it answers: `data` has at most `page.limit` items, `page.next` is null on the last page. */
export const PageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({
    data: Type.Array(item),
    page: Type.Object({ next: Type.Union([Type.String(), Type.Null()]), limit: Type.Integer() }),
  })
