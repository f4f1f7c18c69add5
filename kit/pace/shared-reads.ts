/** Reads what `key` stands for, or waits for somebody who begins to read the same later than this call. */
export type SharedReads<Result> = (key: string, read: () => Promise<Result>) => Promise<Result>

/**
 * Calls that ask for the same share a read: who comes while one is under way waits for the next, which begins when that has ended.
 * So nobody is given what was read before the call, and a crowd costs one read at a time for each key. A read that fails fails
 * for all who share it.
 */
export const shareReads = <Result>(): SharedReads<Result> => {
  /** What is under way, and the one that follows it, if anybody waits. */
  const reads = new Map<string, { readonly ended: Promise<unknown>; next?: Promise<Result> }>()

  const begin = (key: string, read: () => Promise<Result>): Promise<Result> => {
    const result = read()
    const one = { ended: result.catch(() => undefined) } as { readonly ended: Promise<unknown>; next?: Promise<Result> }
    reads.set(key, one)
    void one.ended.then(() => {
      if (one.next === undefined) reads.delete(key)
    })
    return result
  }

  return (key, read) => {
    const underWay = reads.get(key)
    if (underWay === undefined) return begin(key, read)
    underWay.next ??= underWay.ended.then(() => begin(key, read))
    return underWay.next
  }
}
