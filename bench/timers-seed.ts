import type { Session } from '@kit/postgres/session'

/** What makes the ids of a set of orders: so that they can be told apart from bought ones. */
export type Seed = 'seed' | 'single'

const HOURS = 4
const BEFORE = `interval '${HOURS} hours'`
const PREFIX: Readonly<Record<Seed, string>> = { seed: '00000000-0000-4000-8000-', single: '00000000-0000-4000-9000-' }

/** Writes unpaid orders straight into the tables, as the order service would have, placed just before their first reminder. */
export const seedOrders = async (
  session: Session,
  seed: Seed,
  count: number,
  customers: readonly string[],
): Promise<void> => {
  await session.query(
    `with n as (
       select i, ($1 || lpad(to_hex(i), 12, '0'))::uuid as id, ($3::uuid[])[1 + i % cardinality($3::uuid[])] as customer
         from generate_series(1, $2::int) as i),
     placed as (
       insert into "order".order_event (stream, version, type, data, at)
       select id, 1, 'order.order-placed.v1', json_build_object(
                'purchase_id', id, 'customer_id', customer, 'amount', 3750, 'currency_code', 'USD', 'payment_method', 'transfer',
                'lines', json_build_array(json_build_object('product_id', id, 'name', 'Sail', 'price', 1250, 'quantity', 3))),
              now() - ${BEFORE}
         from n)
     insert into "order".orders (purchase_id, customer_id, status, version, payment_method, placed_at, updated_at)
     select id, customer, 'PENDING', 1, 'transfer', now() - ${BEFORE}, now() - ${BEFORE} from n`,
    [PREFIX[seed], count, customers],
  )
}

/** Gives each of them its timer, due in so many seconds and then `apart` ms one after the other. Returns when the first is due. */
export const startTimers = async (session: Session, seed: Seed, seconds: number, apart: number): Promise<number> => {
  const [first] = await session.query<{ due: string }>(
    `with start as (select date_trunc('milliseconds', clock_timestamp() + $3::int * interval '1 s') as at),
     timers as (
       insert into "order".job (id, type, key, data, due_at)
       select gen_random_uuid(), 'order.watch-payment', purchase_id, json_build_object(
                'purchase_id', purchase_id, 'reminded', 0,
                'since', to_char((due - ${BEFORE}) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), due
         from (select purchase_id, start.at + (row_number() over (order by purchase_id) - 1) * $2::int * interval '1 ms' as due
                 from "order".orders, start where purchase_id::text like $1 || '%') as one)
     select extract(epoch from at) * 1000 as due from start`,
    [PREFIX[seed], apart, seconds],
  )
  // Timers are there for hours before they are due: the server knows its tables by then.
  await session.query('vacuum (analyze) "order".job, "order".orders, "order".order_event')
  return Number(first?.due)
}

/** Whether a timer that was due then still waits: one look into an index, which the shop does not notice. */
export const areWaiting = async (session: Session, due: number): Promise<boolean> => {
  const [row] = await session.query<{ waiting: boolean }>(
    `select exists (select from "order".job
                     where dead_at is null and republish_at is null and due_at <= to_timestamp($1::float8 / 1000)) as waiting`,
    [due + 1],
  )
  return row?.waiting === true
}

/** How many first reminders have been told, when the last was, and how late each was, in ms; by the timers that follow them. */
export const remindersOf = async (
  session: Session,
  seed: Seed,
): Promise<{ readonly told: number; readonly last: number; readonly late: readonly number[] }> => {
  const [row] = await session.query<{ told: string; last: string; late: readonly string[] | null }>(
    `select count(*) as told, extract(epoch from max(created_at)) * 1000 as last,
            array_agg(extract(epoch from created_at - ((data ->> 'since')::timestamptz + ${BEFORE})) * 1000) as late
       from "order".job
      where type = 'order.watch-payment' and (data ->> 'reminded')::int = 1 and key like $1 || '%'`,
    [PREFIX[seed]],
  )
  return { told: Number(row?.told), last: Number(row?.last), late: (row?.late ?? []).map(Number) }
}

/** Letters that remind of these orders, and how many orders have more than one. */
export const lettersTo = async (
  session: Session,
  seed: Seed,
): Promise<{ readonly all: number; readonly twice: number }> => {
  const [row] = await session.query<{ letters: string; orders: string }>(
    `select count(*) as letters, count(distinct letter ->> 'purchase_id') as orders from mail.message
      where letter ->> 'template' = 'payment-reminder' and letter ->> 'purchase_id' like $1 || '%'`,
    [PREFIX[seed]],
  )
  return { all: Number(row?.letters), twice: Number(row?.letters) - Number(row?.orders) }
}
