import type { Queryable } from '@kit/postgres/queryable'

/** A table that shows what other rows say, and can be made anew from them. */
export type Projection = {
  readonly table: string
  /** Its primary key, a uuid. */
  readonly key: string
  /** The rows that it is made from, which are only ever inserted, and their column that names the row to be made. */
  readonly source: { readonly table: string; readonly key: string }
  /** The rows of these keys as the source has them now; their fields are the columns. */
  readonly fold: (db: Queryable, keys: readonly string[]) => Promise<readonly object[]>
}
