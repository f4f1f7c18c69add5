import { randomFillSync, randomUUID } from 'node:crypto'
import process from 'node:process'
import { isFailpoint, parseFailpoints } from './failpoints.ts'
import type { Platform } from './platform.ts'
import { uuidv7 } from './uuid.ts'

export type SystemOptions = {
  /** Armed failpoints, as `ARGOSY_FAILPOINTS` spells them: `name:hit[,name:hit …]`. */
  readonly failpoints?: string
}

/** The real world. Throws when a failpoint is armed that does not exist. */
export const systemPlatform = ({ failpoints = '' }: SystemOptions = {}): Platform => {
  const clock = { now: () => new Date() }
  return {
    clock,
    newId: uuidv7(clock, () => randomUUID().slice(19)),
    random: unpredictable(),
    failpoint: failpoints.trim() === '' ? () => undefined : fatal(failpoints),
  }
}

/** 53 bits from the system's generator, in [0, 1): may decide what nobody must guess. */
const unpredictable = (): (() => number) => {
  const pool = new BigUint64Array(64)
  let used = pool.length
  return () => {
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    return Number((pool[used++] ?? 0n) >> 11n) / 2 ** 53
  }
}

const fatal = (armed: string): ((name: string) => void) => {
  const hitsLeft = new Map(parseFailpoints(armed))
  return (name) => {
    if (!isFailpoint(name)) return
    const left = hitsLeft.get(name)
    if (left === undefined) return
    hitsLeft.set(name, left - 1)
    if (left > 1) return
    process.kill(process.pid, 'SIGKILL')
    // The signal is delivered a moment later; nothing more may happen until then.
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000)
  }
}
