import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts processor time in hundredths of a second (USER_HZ). */
const TICKS_PER_SECOND = 100

/** Processor seconds that a process has used so far, with those of children that have ended; 0 when it is gone. */
export const cpuSeconds = (pid: number): number => {
  const fields = statOf(pid)
  return fields === undefined ? 0 : [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0) / TICKS_PER_SECOND
}

/** Resident memory in bytes, counting shared pages once over all: the proportional set size; 0 when it is gone. */
export const memoryBytes = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + 1024 * Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0), 0)

/** The process and all that it has started, directly or not. */
export const familyOf = (pid: number): readonly number[] => {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(statOf(Number(name))?.[1]) }))
  const family = [pid]
  for (const member of family) family.push(...parents.filter(({ parent }) => parent === member).map((each) => each.pid))
  return family
}

/** The fields of /proc/<pid>/stat from the state on; the name before may hold anything. */
const statOf = (pid: number): readonly string[] | undefined => {
  const text = read(`/proc/${pid}/stat`)
  return text === '' ? undefined : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
