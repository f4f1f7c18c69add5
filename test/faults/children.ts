import { readdirSync, readFileSync } from 'node:fs'

/** After the name in brackets, which may have any letter in it: the state, then the parent. */
const PARENT = /\) \S (\d+) /

/** The processes that a process has begun. Linux only: it reads /proc. */
export const childrenOf = (parent: number): readonly number[] =>
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
