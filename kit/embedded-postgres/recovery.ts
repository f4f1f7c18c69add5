import { setTimeout as sleep } from 'node:timers/promises'

/** The part of a logger that is needed here. */
export type Log = Readonly<
  Record<'warn' | 'error', (fields: Readonly<Record<string, unknown>>, message: string) => void>
>

/** Pauses between two tries, in ms: the first one, and the longest. */
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2_000
/** What is said again and again is logged once in so many ms. */
const REPEATED = 60_000

/**
 * Starts the server again until it answers or the signal is aborted: what keeps it down, a full disk for one, may last for hours
 * and be over at any moment. `start` throws when it fails.
 */
export const startAgain = async (
  dir: string,
  start: () => Promise<void>,
  signal: AbortSignal,
  log: Log | undefined,
): Promise<void> => {
  const began = performance.now()
  let told = { gist: '', at: 0 }
  for (let tries = 1, pause = FIRST_PAUSE; !signal.aborted; tries++, pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      await start()
      if (tries > 1 && !signal.aborted) log?.warn({ dir, tries, ms: since(began) }, 'the embedded PostgreSQL is back')
      return
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      // Names of files and processes have other numbers at each try.
      const gist = said.replaceAll(/\d+/g, '')
      if (gist !== told.gist || since(told.at) > REPEATED) {
        log?.error({ dir, said, tries, next_try_ms: pause }, 'the embedded PostgreSQL cannot be started again yet')
        told = { gist, at: performance.now() }
      }
    }
    // Ends early, and with an error, when the signal is aborted.
    await sleep(pause, undefined, { signal }).catch(() => undefined)
  }
}

const since = (moment: number): number => Math.round(performance.now() - moment)
