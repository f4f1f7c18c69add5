import { createHash } from 'node:crypto'
import { refuse } from '@kit/problem/refusal'
import type { Refusal } from '@kit/problem/refusal'
import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** What a list answers; `next` is null on the last page. */
export type Page<Item> = { data: Item[]; page: { next: string | null; limit: number } }

/** An opaque place in a list: the sort key of the last row seen, bound to the filter it was seen under. */
export type Cursor<Position> = {
  /** Undefined for the first page; a refusal for a cursor that is broken or of another filter. */
  readonly read: (text: string | undefined, filter?: unknown) => Position | undefined | Refusal<'invalid-request'>
  readonly write: (position: Position, filter?: unknown) => string
  /** A page from up to `limit + 1` rows: the one too many tells that there is more. */
  readonly page: <Item>(
    rows: readonly Item[],
    limit: number,
    positionOf: (item: Item) => Position,
    filter?: unknown,
  ) => Page<Item>
}

/** `const place = cursor(Type.Tuple([Timestamp, Uuid]))`: the schema guards the SQL behind from made-up cursors. */
export const cursor = <Schema extends TSchema>(schema: Schema): Cursor<Static<Schema>> => {
  const validator = Compile(schema)
  const write: Cursor<Static<Schema>>['write'] = (position, filter) =>
    Buffer.from(JSON.stringify({ at: position, of: digest(filter) })).toString('base64url')
  return {
    write,
    read: (text, filter) => {
      if (text === undefined) return undefined
      const { at, of } = decode(text)
      return of === digest(filter) && validator.Check(at) ? at : notOurs
    },
    page: (rows, limit, positionOf, filter) => {
      const data = rows.slice(0, limit)
      const last = rows.length > limit ? data.at(-1) : undefined
      return { data, page: { next: last === undefined ? null : write(positionOf(last), filter), limit } }
    },
  }
}

const notOurs = refuse('invalid-request', {
  detail: 'The cursor does not belong to this list; begin without one.',
  errors: [{ pointer: 'query: cursor', detail: 'is not a cursor of this list' }],
})

const digest = (filter: unknown): string =>
  filter === undefined ? '' : createHash('sha256').update(JSON.stringify(filter)).digest('base64url').slice(0, 8)

const decode = (text: string): { readonly at?: unknown; readonly of?: unknown } => {
  try {
    return Object(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
  } catch {
    return {}
  }
}
