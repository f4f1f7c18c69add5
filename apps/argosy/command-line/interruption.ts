import { exitCode } from './exit-code.ts'

/** How the outside asks the process to end: the first time politely, the second time at once. */
export type Interruption = {
  /** Aborted by the first signal; its reason is the signal's name. */
  readonly signal: AbortSignal
  readonly onForce: (lastAct: () => void) => void
}

/** One Ctrl-C may come twice: npm hands on what the terminal has sent already. Milliseconds. */
const SAME = 300

export const listenForInterruption = (): Interruption => {
  const first = new AbortController()
  const lastActs: (() => void)[] = []
  let since = 0
  // SIGHUP: the terminal was closed.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (!first.signal.aborted) {
        since = performance.now()
        return first.abort(name)
      }
      if (performance.now() - since < SAME) return
      for (const act of lastActs) act()
      process.exit(exitCode.interrupted)
    })
  }
  return { signal: first.signal, onForce: (lastAct) => void lastActs.push(lastAct) }
}
