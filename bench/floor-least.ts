// The floor of the fewest rows: what a program written by hand for nothing but the laws would write for a purchase that is
// completed, in five transactions. Each owner of data keeps one row of its own: who bought what, what is reserved, the order,
// the money. Whoever finds a purchase open after a crash sees by which of these rows exist where to go on, so no step needs
// a row, a message or a job. The provider's key is the purchase's id, which is stored before it is first asked: a call that
// may have come through is repeated under the same key, and needs no row either. What the provider writes is not counted.
import type { Session } from '@kit/postgres/session'
import { CLIENTS, prepareRounds, PURCHASES, runLaps } from './floor-laps.ts'
import type { Floor } from './floor.ts'
import { openBench } from './stand.ts'
import type { Writes } from './written.ts'

type LeastFloorOptions = {
  readonly url: string
  /** That the run has bought. Each client has as many of its own, so that clients do not wait for each other. */
  readonly products: number
  readonly batch: number
  readonly seconds: number
  /** Purchases per second of the run. */
  readonly run: number
}

export const measureLeastFloor = async (options: LeastFloorOptions): Promise<Floor> => {
  const { url, products, batch, seconds, run } = options
  await using first = await openBench(url)
  await using second = await openBench(url)
  const sessions = [first, second]
  await first.query(`create schema ${LEAST}`)
  for (const session of sessions) await session.query(`set search_path = ${LEAST}`)
  await first.query(TABLES)
  const size = Math.max(1, Math.min(Math.round(batch), PURCHASES / CLIENTS))
  for (const [client, session] of sessions.entries()) {
    await first.query(stockOf(client, products))
    await first.query(inputOf(client, products))
    await first.query(`alter table input_${client} add primary key (n)`)
    await prepareRounds(session, roundsOf(client))
  }
  await first.query('analyze')

  const before = await rowsIn(sessions)
  const reset = async (): Promise<void> => {
    await first.query('truncate purchase, reservation, orders, payment')
    await first.query('checkpoint')
  }
  const rounds = roundsOf(0).length
  const laps = await runLaps({ sessions, rounds, size, capacity: PURCHASES, seconds, reset })
  const after = await rowsIn(sessions)
  await first.query(`drop schema ${LEAST} cascade`)
  const rate = laps.purchases / laps.seconds
  return {
    purchases_per_second: rate,
    ratio: run / rate,
    batch: size,
    rounds,
    seconds: laps.seconds,
    writes_per_purchase: after.map((row, i) => ({
      table: row.table,
      inserts: (row.inserts - (before[i]?.inserts ?? 0)) / laps.purchases,
      updates: (row.updates - (before[i]?.updates ?? 0)) / laps.purchases,
      deletes: 0,
    })),
    left_out: [],
  }
}

const LEAST = 'bench_least'

const TABLES = `
  create table purchase (
    id uuid primary key, customer_id uuid not null, status text not null, product_ids uuid[] not null,
    quantities int[] not null, amount bigint not null, currency_code text not null, card_token text,
    request_key text, created_at timestamptz not null, ended_at timestamptz
  ) with (fillfactor = 50);
  -- What a crash has left open, and requests that are repeated.
  create index on purchase (id) where ended_at is null;
  create unique index on purchase (customer_id, request_key) where request_key is not null;

  create table stock (
    product_id uuid primary key, on_hand bigint not null, reserved bigint not null default 0,
    check (reserved >= 0 and on_hand >= reserved)
  ) with (fillfactor = 50);

  create table reservation (
    purchase_id uuid primary key, state text not null, product_ids uuid[] not null, quantities int[] not null,
    at timestamptz not null
  ) with (fillfactor = 50);

  create table orders (
    purchase_id uuid primary key, customer_id uuid not null, status text not null, product_ids uuid[] not null,
    quantities int[] not null, amount bigint not null, currency_code text not null, placed_at timestamptz not null
  ) with (fillfactor = 50);
  create index on orders (customer_id, purchase_id);

  create table payment (
    purchase_id uuid primary key, state text not null, amount bigint not null, currency_code text not null,
    authorization_id text not null, at timestamptz not null
  );

  create function product(client int, n int) returns uuid language sql immutable
  return ('00000000-0000-7000-' || lpad(client::text, 4, '0') || '-' || lpad(n::text, 12, '0'))::uuid`

const stockOf = (client: number, products: number): string =>
  `insert into stock (product_id, on_hand) select product(${client}, n), 1000000000 from generate_series(1, ${products}) n`

/** The client's purchases before they are asked for: two lines each, as the load generator asks. */
const inputOf = (client: number, products: number): string => `
  create table input_${client} as
  select n, uuidv7() as id, product(9, n % 12) as customer_id, array[1, 1 + n % 3] as quantities, 400 as amount,
         array[product(${client}, 1 + n * 7 % ${products}), product(${client}, 1 + (n * 7 + 1) % ${products})] as product_ids
    from generate_series(1, ${PURCHASES}) n`

/** Accept, reserve, place, pay, end; the provider is asked between the third and the fourth. */
const roundsOf = (client: number): readonly string[] => {
  const batch = `(select * from input_${client} where n > $1 and n <= $2)`
  const units = `(select product_id, sum(quantity) as units
                    from ${batch} b, unnest(product_ids, quantities) as line (product_id, quantity) group by product_id)`
  return [
    `insert into purchase (id, customer_id, status, product_ids, quantities, amount, currency_code, card_token, created_at)
     select id, customer_id, 'accepted', product_ids, quantities, amount, 'USD', 'tok_approve', now() from ${batch} b`,

    `with reserved as (
       insert into reservation (purchase_id, state, product_ids, quantities, at)
       select id, 'reserved', product_ids, quantities, now() from ${batch} b)
     update stock s set reserved = s.reserved + u.units from ${units} u where s.product_id = u.product_id`,

    `insert into orders (purchase_id, customer_id, status, product_ids, quantities, amount, currency_code, placed_at)
     select id, customer_id, 'PENDING', product_ids, quantities, amount, 'USD', now() from ${batch} b`,

    `insert into payment (purchase_id, state, amount, currency_code, authorization_id, at)
     select id, 'captured', amount, 'USD', 'auth_' || id, now() from ${batch} b`,

    `with ended as (
       update purchase p set status = 'completed', ended_at = now() from ${batch} b where p.id = b.id),
     committed as (
       update reservation r set state = 'committed' from ${batch} b where r.purchase_id = b.id),
     completed as (
       update orders o set status = 'COMPLETED' from ${batch} b where o.purchase_id = b.id)
     update stock s set on_hand = s.on_hand - u.units, reserved = s.reserved - u.units
       from ${units} u where s.product_id = u.product_id`,
  ]
}

/** Rows written so far, once all sessions have told theirs. */
const rowsIn = async (sessions: readonly Session[]): Promise<readonly Omit<Writes, 'deletes'>[]> => {
  for (const session of sessions) await session.query('select pg_stat_force_next_flush()')
  const rows = await sessions[0]?.query<{ table: string; inserts: string; updates: string }>(
    `select relname as table, n_tup_ins as inserts, n_tup_upd as updates from pg_stat_user_tables
      where schemaname = '${LEAST}' and relname !~ '^input' order by 1`,
  )
  return (rows ?? []).map(({ table, inserts, updates }) => ({
    table,
    inserts: Number(inserts),
    updates: Number(updates),
  }))
}
