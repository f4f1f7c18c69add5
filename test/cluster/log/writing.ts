import { setTimeout as pause } from 'node:timers/promises'
import type { Send } from '@kit/messaging/outgoing'
import { isTransient } from '@kit/fault/fault'
import { ConstraintBroken, type Database } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import { notedIn, type Noted } from './noted.ts'

const insertSent = sql(import.meta.url, 'insert-sent.sql')
const selectLast = sql<{ key: string; n: number }>(import.meta.url, 'select-last.sql')

export type Writes = {
  /** Nobody else writes these. */
  readonly keys: readonly string[]
  /** Ms between two transactions, each of which has a message for every key. */
  readonly every: number
}

export type Writing = { readonly db: Database; readonly send: Send; readonly scene: string }

/** Sends messages, and writes down that they are sent, in one transaction. */
export const write = ({ db, send, scene }: Writing, notes: readonly Noted[]): Promise<void> =>
  db.transaction(async (tx) => {
    void tx.query(insertSent, [notes.map(({ key }) => key), notes.map(({ n }) => n)])
    send(tx, notes.map(notedIn(scene)))
  })

/** Goes on writing, from where its keys are, until it is disposed of. */
export const keepWriting = (writing: Writing, { keys, every }: Writes): AsyncDisposable => {
  const stop = new AbortController()
  const go = async (): Promise<void> => {
    let last: ReadonlyMap<string, number> | undefined
    while (!stop.signal.aborted) {
      try {
        last ??= new Map((await writing.db.query(selectLast, [keys])).map(({ key, n }) => [key, n]))
        const next = keys.map((key) => ({ key, n: (last?.get(key) ?? 0) + 1 }))
        await write(writing, next)
        last = new Map(next.map(({ key, n }) => [key, n]))
      } catch (error) {
        // A transaction that was given up may be committed a moment later: then its rows are in the way.
        if (!isTransient(error) && !(error instanceof ConstraintBroken)) throw error
        last = undefined
      }
      await pause(every, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  }
  const going = go()
  return {
    [Symbol.asyncDispose]: () => {
      stop.abort()
      return going
    },
  }
}
