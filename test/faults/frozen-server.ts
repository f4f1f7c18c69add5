import { readdirSync, readFileSync } from 'node:fs'
import { freeze } from './frozen-process.ts'

/** Stops PostgreSQL as a whole, the postmaster first, so that it makes no more children. Linux only: it reads /proc. */
export const freezeServer = (postmaster: number): Disposable => {
  using started = new DisposableStack()
  started.use(freeze(postmaster))
  for (const child of childrenOf(postmaster)) {
    try {
      started.use(freeze(child))
    } catch (error) {
      // It ended a moment ago.
      if (Object(error).code !== 'ESRCH') throw error
    }
  }
  return started.move()
}

/** After the name in brackets, which may have any letter in it: the state, then the parent. */
const PARENT = /\) \S (\d+) /

const childrenOf = (parent: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === parent)
    .map(Number)

const parentOf = (pid: string): number => {
  try {
    return Number(PARENT.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1])
  } catch {
    return 0
  }
}
