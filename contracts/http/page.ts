import Type from 'typebox'
import type { TSchema } from 'typebox'

/** What every list that comes in pages is asked with, beside its filters. */
export const pageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
  // A name of 200 characters takes up to 1,200 bytes as JSON, and a third more as a cursor.
  cursor: Type.Optional(Type.String({ maxLength: 2000, description: 'page.next of the page before' })),
}

/** What it answers: `data` has at most `page.limit` items, `page.next` is null on the last page. */
export const PageOf = <Item extends TSchema>(item: Item) =>
  Type.Object({
    data: Type.Array(item),
    page: Type.Object({ next: Type.Union([Type.String(), Type.Null()]), limit: Type.Integer() }),
  })
