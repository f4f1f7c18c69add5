import { exitCode } from './exit-code.ts'

/** How the outside asks the process to end: the first time politely, the second time at once. */
export type Interruption = {
  /** Aborted by the first signal; its reason is the signal's name. */
  readonly signal: AbortSignal
  /** What must still happen when the process ends at once. */
  readonly onForce: (lastAct: () => void) => void
  /** What is to be said before that when politeness has taken too long; given the milliseconds. */
  readonly onLate: (tell: (after: number) => void) => void
}

/** One Ctrl-C may come twice: npm hands on what the terminal has sent already. Milliseconds. */
const SAME = 300
/** What may hang hangs no longer than this after the first signal, in ms: the process ends within 10 s. */
const LIMIT = 9_000
/** In ms; what was written is out by then. */
const LEFTOVERS = 500

/** `over`: all is closed; what a library has left behind, a timer or a socket, holds the process up no longer. */
export const listenForInterruption = (limit = LIMIT): Interruption & { readonly over: () => void } => {
  const first = new AbortController()
  const lastActs: (() => void)[] = []
  const tellers: ((after: number) => void)[] = []
  let since = 0
  let patience: NodeJS.Timeout | undefined
  const force = (code: number): never => {
    for (const act of lastActs) act()
    process.exit(code)
  }
  const end = (): void => {
    for (const tell of tellers) tell(limit)
    force(exitCode.failure)
  }
  // SIGHUP: the terminal was closed.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!first.signal.aborted) {
        since = performance.now()
        // A process in which nothing hangs is gone by then, also without this.
        patience = setTimeout(end, limit).unref()
        return first.abort(name)
      }
      if (performance.now() - since >= SAME) force(exitCode.interrupted)
    })
  }
  return {
    signal: first.signal,
    onForce: (lastAct) => void lastActs.push(lastAct),
    onLate: (tell) => void tellers.push(tell),
    over: () => {
      clearTimeout(patience)
      setTimeout(() => process.exit(), LEFTOVERS).unref()
    },
  }
}
