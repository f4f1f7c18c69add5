import type { Platform } from './platform.ts'
import { uuidv7 } from './uuid.ts'

/** A world that a test decides. */
export type FixedPlatform = Platform & {
  readonly clock: {
    readonly now: () => Date
    /** Sets the clock; it stands still until it is set again. */
    readonly set: (now: Date | string) => void
    /** Moves the clock on, in ms. */
    readonly advance: (ms: number) => void
  }
  /** How often each failpoint was passed. */
  readonly passed: ReadonlyMap<string, number>
}

export type FixedOptions = {
  /** The clock's first time; 2026-01-01T00:00:00Z unless given. */
  readonly now?: Date | string
  /** Same seed, same ids and same chances. */
  readonly seed?: number
  /** Called at every failpoint; may throw in its place. */
  readonly failpoint?: (name: string) => void
}

/** A platform without surprises: a clock that is set by hand, ids and chances that repeat with the seed. */
export const fixedPlatform = ({
  now = '2026-01-01T00:00:00Z',
  seed = 1,
  failpoint,
}: FixedOptions = {}): FixedPlatform => {
  let time = new Date(now).getTime()
  const clock = {
    now: () => new Date(time),
    set: (to: Date | string) => {
      time = new Date(to).getTime()
    },
    advance: (ms: number) => {
      time += ms
    },
  }
  const random = seeded(seed)
  const idChance = seeded(seed + 1)
  const hex = (digits: number): string =>
    Array.from({ length: digits }, () => Math.floor(idChance() * 16).toString(16)).join('')
  const passed = new Map<string, number>()
  return {
    clock,
    newId: uuidv7(clock, () => `8${hex(3)}-${hex(12)}`),
    random,
    passed,
    failpoint: (name) => {
      passed.set(name, (passed.get(name) ?? 0) + 1)
      failpoint?.(name)
    },
  }
}

/** mulberry32: small, and good enough for tests. */
const seeded = (seed: number): (() => number) => {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
