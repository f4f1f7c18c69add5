/** Chance that can be repeated: the same seed gives the same run of numbers. */
export type Random = {
  /** In [0, 1). */
  readonly next: () => number
  /** A whole number from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number
  readonly pick: <T>(choices: readonly T[]) => T
  readonly shuffle: <T>(items: readonly T[]) => T[]
}

/** Mulberry32. `salt` gives each use its own run, so that one drawing more does not change the others. */
export const random = (seed: number, salt: string): Random => {
  let state = seed ^ 0x811c9dc5
  for (const letter of new TextEncoder().encode(salt)) state = Math.imul(state ^ letter, 0x01000193)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  const pick = <T>(choices: readonly T[]): T => {
    const [chosen] = choices.slice(between(0, choices.length - 1))
    if (chosen === undefined) throw new Error('nothing to pick from')
    return chosen
  }
  const shuffle = <T>(items: readonly T[]): T[] =>
    items
      .map((item) => ({ item, at: next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item)
  return { next, between, pick, shuffle }
}
