import { sql } from '@kit/postgres/statement'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from './connect.ts'

type Holder = { readonly pid: number; readonly application: string; readonly seconds: number | null }
type Waiting = Holder & { readonly what: string | null }

const selectObstacle = sql<Waiting>(import.meta.url, 'select-obstacle.sql')

/** Locks that are not those of a table. */
const OTHER_LOCKS: Readonly<Record<string, string>> = {
  virtualxid: 'the end of transactions that began earlier',
  transactionid: 'rows that another transaction has changed',
}

type WatchOptions = {
  readonly url: string
  /** The session that is looked at. */
  readonly pid: number
  readonly every: number
  /** Ms for a connection, and for an answer. */
  readonly limit: number
  readonly tell: (obstacle: string) => void
}

/** Looks, while a session works, at what it waits for. Disposing ends the looking. */
export type Watch = AsyncDisposable & {
  /** In words: the table, and who keeps it. Undefined: it was not seen waiting. */
  readonly seen: () => string | undefined
}

/** So many looks pass before it is told again. */
const RARELY = 10

/**
 * Looks every `every` ms from another session, which is opened when the work has not ended by the first look, and tells
 * what is waited for, now and then.
 */
export const watch = ({ url, pid, every, limit, tell }: WatchOptions): Watch => {
  const over = new AbortController()
  let seen: string | undefined
  const look = async (): Promise<void> => {
    await sleep(every, undefined, { signal: over.signal })
    await using session = await connect(url, { wait: every, connect: limit, answer: limit })
    for (let untold = RARELY; ; untold++) {
      const { rows } = await session.client.query<Waiting>(selectObstacle.text, [pid])
      if (rows.length > 0) {
        seen = inWords(rows)
        if (untold >= RARELY) {
          tell(seen)
          untold = 0
        }
      }
      await sleep(every, undefined, { signal: over.signal })
    }
  }
  // Without it the work goes on, and its error says less.
  const looking = look().catch(() => undefined)
  return {
    seen: () => seen,
    [Symbol.asyncDispose]: async () => {
      over.abort()
      await looking
    },
  }
}

const inWords = (rows: readonly Waiting[]): string => {
  const what = rows[0]?.what ?? 'a lock'
  return `${OTHER_LOCKS[what] ?? what}, held by ${holdersInWords(rows)}`
}

/** `pid 4711 (argosy order, in a transaction for 75 s)`. */
export const holdersInWords = (holders: readonly Holder[], since = 'in a transaction for'): string =>
  holders
    .map(({ pid, application, seconds }) => {
      const name = application === '' ? 'without a name' : application
      return `pid ${pid} (${name}${seconds === null ? '' : `, ${since} ${seconds.toFixed(0)} s`})`
    })
    .join(', ')
