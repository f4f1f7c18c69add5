import { setTimeout as sleep } from 'node:timers/promises'
import { FIRST_ANSWER } from '@kit/postgres/connection/client'
import type { Connected } from './connect.ts'
import { watch } from './obstacle.ts'

/** How long is waited for what, in ms. */
export type Waits = {
  /** Whoever waits for a lock on a table holds up all who come after: never for longer than this. */
  readonly wait: number
  /** Then they go on for so long. */
  readonly pause: number
  /** Until then a file is tried again. */
  readonly patience: number
  /** So long another process may migrate before this one gives up waiting for its turn. */
  readonly turn: number
  readonly connect: number
}

export const WAITS: Waits = { wait: 2_000, pause: 1_000, patience: 60_000, turn: 600_000, connect: FIRST_ANSWER }

/** The part of a logger that is needed here. */
export type Log = { readonly warn: (fields: Readonly<Record<string, unknown>>, message: string) => void }

export type Around = {
  readonly url: string
  readonly session: Connected
  readonly waits: Waits
  readonly log?: Log
  readonly signal?: AbortSignal | undefined
}

/** lock_not_available, deadlock_detected. */
const NOT_NOW = new Set(['55P03', '40P01'])

/**
 * Does something that needs locks, and does it again when they are not to be had. Throws what went wrong otherwise;
 * when the time is over, a sentence that says which lock it was and who holds it.
 */
export const patiently = async (around: Around, what: string, attempt: () => Promise<void>): Promise<void> => {
  const { url, session, waits, log, signal } = around
  const until = performance.now() + waits.patience
  const tell = (obstacle: string): void => log?.warn({ migration: what, obstacle }, 'a migration waits for a lock')
  await using watching = watch({ url, pid: session.pid, every: waits.wait / 2, limit: waits.connect, tell })
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!NOT_NOW.has(Object(Object(error).cause).code ?? Object(error).code)) throw error
      if (performance.now() + waits.pause >= until) throw inVain(what, waits.patience, watching.seen(), error)
    }
    await sleep(waits.pause, undefined, { signal })
  }
}

const inVain = (what: string, patience: number, obstacle: string | undefined, cause: unknown): Error =>
  new Error(
    `migration ${what} was tried for ${patience / 1000} s and had to wait each time for ` +
      `${obstacle ?? 'a lock whose holder was not seen'}. It can be begun again. ` +
      'Fix: end that session or wait for it (select pg_terminate_backend(<pid>)), then the same again',
    { cause },
  )
