/** The instances of a service, each of which can do what is asked. */
export type InTurn<Instance> = {
  /**
   * In which order one call should try them: each call begins with the one after, and those that rest come last. Of several, all
   * but the last are there once more: while the others were tried, one that was away may have come back.
   */
  readonly next: () => readonly Instance[]
  /** It could not be reached: it rests for a second. */
  readonly refused: (instance: Instance) => void
  /** It can be reached: it does not rest any longer. */
  readonly answered: (instance: Instance) => void
}

/** Ms: shorter than a restart, and no more than one call in a second is held up by a host that keeps silent. */
const REST = 1_000

/** `now`: milliseconds of a clock that only goes forward. */
export const inTurn = <Instance>(
  all: readonly Instance[],
  now: () => number = () => performance.now(),
): InTurn<Instance> => {
  /** Who could not be reached last time, and until when they are left alone. */
  const restsUntil = new Map<Instance, number>()
  let turn = 0
  const next = (): readonly Instance[] => {
    if (restsUntil.size === 0) return onceMore(from(all, turn++))
    const order = from(all, turn++)
    const isResting = (instance: Instance): boolean => (restsUntil.get(instance) ?? 0) > now()
    const [awake, resting] = [order.filter((one) => !isResting(one)), order.filter(isResting)]
    const [first] = awake
    // This call finds out whether it is back; until it knows, the others are not kept waiting.
    if (first !== undefined && restsUntil.has(first)) restsUntil.set(first, now() + REST)
    return onceMore([...awake, ...resting])
  }
  return {
    next,
    refused: (instance) => void restsUntil.set(instance, now() + REST),
    answered: (instance) => void restsUntil.delete(instance),
  }
}

const from = <T>(all: readonly T[], turn: number): readonly T[] => {
  if (all.length < 2) return all
  const at = turn % all.length
  return [...all.slice(at), ...all.slice(0, at)]
}

const onceMore = <T>(order: readonly T[]): readonly T[] => [...order, ...order.slice(0, -1)]
