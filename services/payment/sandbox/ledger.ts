import { groupCommit } from '@kit/pace/group-commit'
import type { Database } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { UNCAPTURABLE } from './cards.ts'

/** 1 the authorization, 2 what became of it; from 3 on refunds, which find their slot themselves. */
type Slot = 1 | 2

type Kind = 'authorized' | 'declined' | 'captured' | 'voided' | 'refunded'

export type Entry = {
  readonly authorization_id: string
  readonly slot: number
  readonly kind: Kind
  readonly key: string
  /** The merchant's payment, for which alone the money was authorized. */
  readonly reference: string
  readonly amount: number
  readonly currency_code: string
  readonly card: string
}

/** What is to be entered. */
export type Asked = Omit<Entry, 'card' | 'slot'> & {
  readonly slot: Slot
  /** Absent: the card of the authorization. */
  readonly card?: string
}

/** The books as they are after the call: what is in the asked slot, and in the one before. */
export type Booked = { readonly entry: Entry | undefined; readonly before: Entry | undefined }

export type Ledger = {
  /** Enters it, unless the slot is taken or the one before does not allow it. Calls of one moment share a statement. */
  readonly enter: (asked: Asked) => Promise<Booked>
  /** Enters a refund of part or all of a capture, unless less than that is left of it or the key is used. */
  readonly refund: (asked: Omit<Asked, 'slot' | 'kind' | 'card'>) => Promise<Entry | undefined>
  readonly entriesOf: (authorization_id: string) => Promise<readonly Entry[]>
  /** Records a failure of the key. False when it has failed so often already. */
  readonly fail: (key: string, times: number) => Promise<boolean>
}

const insertEntries = sql<Entry>(import.meta.url, 'insert-entries.sql')
const insertRefund = sql<Entry>(import.meta.url, 'insert-refund.sql')
const selectEntries = sql<Entry>(import.meta.url, 'select-entries.sql')
const insertFailure = sql(import.meta.url, 'insert-failure.sql')

export const openLedger = (db: Database): Ledger => {
  const flush = async (asked: readonly Asked[]): Promise<readonly Booked[]> => {
    const entered = byPlace(await db.query(insertEntries, columnsOf(asked)))
    const others = asked.filter((one) => !entered.has(placeOf(one)))
    // Only what was asked before, or cannot be done, needs a second look.
    const found = others.length === 0 ? [] : await db.query(selectEntries, [others.map((one) => one.authorization_id)])
    const known = byPlace(found)
    return asked.map((one) => ({
      entry: entered.get(placeOf(one)) ?? known.get(placeOf(one)),
      before: known.get(placeOf({ ...one, slot: one.slot - 1 })),
    }))
  }
  return {
    enter: groupCommit({ limit: 500, flush }),
    refund: async ({ authorization_id, key, reference, amount, currency_code }) => {
      const [entry] = await db.query(insertRefund, [authorization_id, key, reference, amount, currency_code])
      if (entry !== undefined) return entry
      return (await db.query(selectEntries, [[authorization_id]])).find((one) => one.key === key)
    },
    entriesOf: (authorization_id) => db.query(selectEntries, [[authorization_id]]),
    fail: async (key, times) => (await db.query(insertFailure, [key, times])).length > 0,
  }
}

const placeOf = ({ authorization_id, slot }: { readonly authorization_id: string; readonly slot: number }): string =>
  `${slot} ${authorization_id}`

const byPlace = (entries: readonly Entry[]): ReadonlyMap<string, Entry> =>
  new Map(entries.map((entry) => [placeOf(entry), entry]))

const columnsOf = (asked: readonly Asked[]): readonly unknown[] => {
  const column = <K extends keyof Asked>(name: K) => asked.map((one) => one[name])
  return [
    column('authorization_id'),
    column('kind'),
    column('key'),
    column('reference'),
    column('amount'),
    column('currency_code'),
    column('card'),
    UNCAPTURABLE,
  ]
}
