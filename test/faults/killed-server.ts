import { setTimeout as sleep } from 'node:timers/promises'
import { childrenOf } from './children.ts'

/** Ms within which the processes are gone. */
const SOON = 10_000

/** kill -9 of PostgreSQL as a whole, the postmaster first, so that it makes no more children. Waits until they are gone. */
export const killServer = async (postmaster: number): Promise<void> => {
  const all = [postmaster, ...childrenOf(postmaster)]
  const left = (): boolean => all.map((pid) => signal(pid, 'SIGKILL')).includes(true)
  for (const until = performance.now() + SOON; left(); await sleep(20)) {
    if (performance.now() > until) throw new Error(`PostgreSQL still runs ${SOON} ms after kill -9`)
  }
}

/** Whether there was such a process. */
const signal = (pid: number, name: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, name)
  } catch (error) {
    if (Object(error).code === 'ESRCH') return false
    throw error
  }
}
