import { openClient, type OpenClient } from '@kit/postgres/connection/client'
import type { Case, Entry, StockCase } from './laws.ts'

/** `reason`: why it was not completed. */
export type End = { readonly status: string; readonly at: number; readonly reason: string | null }

/** The tables, read as the database's owner: no service's role, no service's code. */
export type Books = AsyncDisposable & {
  readonly openSagas: () => Promise<number>
  /** How many purchases have ended or rest. */
  readonly ended: () => Promise<number>
  /** When and how each purchase ended: ms since the epoch, by the database's clock. */
  readonly ends: () => Promise<ReadonlyMap<string, End>>
  readonly cases: () => Promise<readonly Case[]>
  readonly stock: () => Promise<readonly StockCase[]>
  /** What each message or job that was given up is, and why. */
  readonly deadLetters: () => Promise<readonly string[]>
  /** How many messages were set aside because their rows were locked: these come again by themselves. */
  readonly setAside: () => Promise<number>
  readonly transactions: () => Promise<number>
  /** Resolves when autovacuum has cleaned up after a load. */
  readonly atRest: () => Promise<void>
  /** The key under which each purchase was asked for. */
  readonly keys: () => Promise<ReadonlyMap<string, string>>
  /** Letters about the end of a purchase. */
  readonly letters: () => Promise<readonly LetterAbout[]>
  /** What exists for a purchase that does not: a reservation, an order, a payment, an entry in the provider's ledger. */
  readonly orphans: () => Promise<readonly string[]>
  /** Every message that was sent and is still kept: its id, and its topic and type in words. */
  readonly sent: () => Promise<ReadonlyMap<string, string>>
  /** What was still done to a purchase after it had ended. */
  readonly afterthoughts: () => Promise<readonly string[]>
}

export type LetterAbout = { readonly purchase: string; readonly template: string; readonly number: number | null }

export const openBooks = async (url: string): Promise<Books> => {
  const client = await openClient({ url, name: 'law checker', patience: 300_000 })
  const rows = async <Row extends object>(text: string): Promise<Row[]> => (await client.query<Row>(text)).rows
  const number = async (text: string): Promise<number> => Number((await rows<{ n: string }>(text))[0]?.n)
  return {
    openSagas: () => number('select count(*) as n from purchase.saga where ended_at is null'),
    ended: () => number('select count(*) as n from purchase.saga where ended_at is not null'),
    ends: async () => {
      const ended = await rows<{ id: string; status: string; at: string; reason: string | null }>(ENDS)
      return new Map(ended.map(({ id, status, at, reason }) => [id, { status, at: Number(at), reason }]))
    },
    cases: async () => {
      const cases: Case[] = []
      for await (const some of inParts<CaseRow>(client, CASES)) cases.push(...some.map(caseOf))
      return cases
    },
    stock: async () => (await rows<Record<keyof StockCase, string>>(STOCK)).map(stockOf),
    deadLetters: async () => {
      const queries = await rows<{ query: string }>(DEAD_LETTERS)
      const dead: string[] = []
      for (const { query } of queries) {
        dead.push(...(await rows<{ letter: string }>(query)).map(({ letter }) => letter))
      }
      return dead
    },
    setAside: async () => {
      let count = 0
      for (const { query } of await rows<{ query: string }>(SET_ASIDE)) count += await number(query)
      return count
    },
    transactions: () =>
      number('select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()'),
    atRest: async () => {
      for (let quiet = 0; quiet < NAPS;) {
        const workers = await number(
          `select count(*) as n from pg_stat_activity where backend_type = 'autovacuum worker'`,
        )
        quiet = workers === 0 ? quiet + 1 : 0
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    },
    keys: async () => {
      const asked = await rows<{ id: string; key: string | null }>(
        'select id, idempotency_key as key from purchase.purchase',
      )
      return new Map(asked.map(({ id, key }) => [id, key ?? 'no key']))
    },
    letters: () => rows<LetterAbout>(LETTERS),
    sent: async () => new Map((await rows<{ id: string; what: string }>(SENT)).map(({ id, what }) => [id, what])),
    afterthoughts: async () => (await rows<{ what: string }>(AFTERTHOUGHTS)).map(({ what }) => what),
    orphans: async () => (await rows<{ orphan: string }>(ORPHANS)).map(({ orphan }) => orphan),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}

/** Looks, half a second apart, that must find no vacuum: they span more than its 15 s of sleep. */
const NAPS = 40

/** Large tables do not fit into memory as rows. */
async function* inParts<Row extends object>(client: OpenClient, text: string): AsyncGenerator<readonly Row[]> {
  await client.query('begin; set local cursor_tuple_fraction = 1')
  await client.query(`declare parts no scroll cursor for ${text}`)
  for (;;) {
    const { rows } = await client.query<Row>('fetch 10000 from parts')
    if (rows.length === 0) break
    yield rows
  }
  await client.query('commit')
}

const ENDS = `
  select id, status, extract(epoch from ended_at) * 1000 as at, state -> 'failure' ->> 'reason' as reason
    from purchase.saga where ended_at is not null and status <> 'resting'`

type CaseRow = {
  readonly id: string
  readonly status: string
  readonly reason: string | null
  readonly history: string
  readonly data: { readonly amount: number; readonly lines: readonly { product_id: string; quantity: number }[] }
  readonly reservation: { state: string; product_ids: string[]; quantities: number[] } | null
  readonly order: { status: string; amount: number; refunded: number } | null
  readonly payment: { status: string } | null
  readonly ledger: readonly Entry[] | null
}

/** A purchase without its saga, or the other way round, is a case as well: it shows as one that has not ended. */
const CASES = `
  select id, coalesce(s.status, 'without a saga') as status, s.state -> 'failure' ->> 'reason' as reason, coalesce(purchase.history_of(id), '') as history,
         coalesce(s.data, '{"amount": 0, "lines": []}') as data,
         (select row_to_json(r) from inventory.reservation r where r.purchase_id = id) as reservation,
         (select json_build_object('status', o.status, 'refunded', o.refunded, 'amount',
            coalesce((select e.data -> 'amount' from "order".order_event e where e.stream = id and e.version = 1), '0'))
            from "order".orders o where o.purchase_id = id) as "order",
         (select json_build_object('status', p.state) from payment.payment p where p.purchase_id = id) as payment,
         l.entries as ledger
    from purchase.purchase
    full join purchase.saga s using (id)
    left join (
      select reference::uuid as id, json_agg(json_build_object('kind', kind, 'amount', amount, 'authorization', authorization_id)) as entries
        from sandbox.ledger group by reference
    ) l using (id)`

const caseOf = ({ id, status, reason, history, data, reservation, order, payment, ledger }: CaseRow): Case => ({
  id,
  status,
  ...(reason !== null && { reason }),
  ends: endsIn(history),
  amount: data.amount,
  lines: addUp(data.lines.map(({ product_id, quantity }) => [product_id, quantity])),
  ...(reservation !== null && {
    reservation: {
      state: reservation.state,
      lines: addUp(reservation.product_ids.map((product, i) => [product, reservation.quantities[i] ?? 0])),
    },
  }),
  ...(order !== null && { order }),
  ...(payment !== null && { payment }),
  ledger: ledger ?? [],
})

/** The history is a JSON array of lines per write, each `[when, what, step, detail]`. */
const endsIn = (history: string): number =>
  history
    .split('\n')
    .filter((entry) => entry !== '')
    .flatMap((entry): unknown[][] => JSON.parse(entry))
    .filter(([, what]) => what === 'ended').length

const addUp = (lines: readonly (readonly [string, number])[]): ReadonlyMap<string, number> => {
  const units = new Map<string, number>()
  for (const [product, quantity] of lines) units.set(product, (units.get(product) ?? 0) + quantity)
  return units
}

const STOCK = `
  select product_id as product, on_hand, reserved, coalesce(m.moved, 0) as moved, coalesce(m.sold, 0) as sold
    from inventory.stock
    left join (
      select product_id, sum(delta) as moved, -sum(delta) filter (where kind = 'sold') as sold
        from inventory.movement group by product_id
    ) m using (product_id)`

const stockOf = (row: Record<keyof StockCase, string>): StockCase => ({
  product: row.product,
  on_hand: Number(row.on_hand),
  reserved: Number(row.reserved),
  moved: Number(row.moved),
  sold: Number(row.sold ?? 0),
})

/** What asks for them, schema by schema. */
const DEAD_LETTERS = `
  select format('select topic || '': '' || reason as letter from %I.dead_letter', schemaname) as query
    from pg_tables where tablename = 'dead_letter'
  union all
  select format('select type || '' '' || key || '', try '' || attempt || '': '' || reason as letter
                   from %I.job where dead_at is not null', schemaname)
    from pg_tables where tablename = 'job'`

const SET_ASIDE = `
  select format('select count(*) as n from %1$I.dead_letter d
                  where state = ''replay'' or (state = ''behind'' and not exists (
                        select from %1$I.dead_letter head
                         where head.topic = d.topic and head.key = d.key and head.state in (''parked'', ''kept-back'')))',
                schemaname) as query
    from pg_tables where tablename = 'dead_letter'`

const LETTERS = `
  select letter ->> 'purchase_id' as purchase, letter ->> 'template' as template, (letter ->> 'number')::int as number
    from mail.message where letter ->> 'purchase_id' is not null`

const SENT = `
  select message ->> 'id' as id, format('%s of %s', message ->> 'type', message ->> 'partitionkey') as what
    from log.outbox cross join json_array_elements(messages) message`

const ORPHANS = `
  select what || ' ' || id as orphan
    from (select 'the reservation' as what, purchase_id as id from inventory.reservation
          union all select 'the order', purchase_id from "order".orders
          union all select 'the payment', purchase_id from payment.payment
          union all select 'the ledger entry', reference::uuid from sandbox.ledger) things
   where not exists (select from purchase.purchase p where p.id = things.id)`

/** Refunds are later by their nature, and of one that is paid later so is money that comes too late and goes back. */
const AFTERTHOUGHTS = `
  select what || ' of ' || s.id as what
    from purchase.saga s
    join (select reference::uuid as id, 'money was ' || kind as what, at, kind = 'refunded' as refund,
                 kind in ('authorized', 'declined', 'voided') as surplus
            from sandbox.ledger
          union all select purchase_id, 'the stock was ' || state, settled_at, false, false from inventory.reservation
          union all select stream, 'the order was changed', at, type = 'order.order-refunded.v1', false
            from "order".order_event) done using (id)
   where done.at > s.ended_at and s.status <> 'resting'
     -- A date that is still to come was written by a clock that was ahead.
     and done.at < now() + interval '1 minute'
     and not (done.refund and s.status = 'completed')
     and not (done.surplus and s.data ->> 'payment_method' = 'transfer')`
