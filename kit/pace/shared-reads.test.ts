import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareReads } from './shared-reads.ts'

/** A read that ends when it is told to, with its number. */
const reading = () => {
  const begun: PromiseWithResolvers<number>[] = []
  const read = (): Promise<number> => {
    const one = Promise.withResolvers<number>()
    begun.push(one)
    return one.promise
  }
  const end = (n: number): void => begun[n - 1]?.resolve(n)
  return { read, end, fail: (n: number, error: Error) => begun[n - 1]?.reject(error), count: () => begun.length }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('who comes while a read is under way shares the next one, and nobody is given what was read before', async () => {
  const { read, end, count } = reading()
  const ask = shareReads<number>()
  const first = ask('a', read)
  const others = [ask('a', read), ask('a', read)]
  assert.equal(count(), 1)
  end(1)
  assert.equal(await first, 1)
  await settled()
  const late = ask('a', read)
  assert.equal(count(), 2)
  end(2)
  assert.deepEqual(await Promise.all(others), [2, 2])
  await settled()
  end(3)
  assert.equal(await late, 3)
  await settled()
  const alone = ask('a', read)
  end(4)
  assert.equal(await alone, 4)
})

test('what is not the same is read at once', async () => {
  const { read, end, count } = reading()
  const ask = shareReads<number>()
  const both = [ask('a', read), ask('b', read)]
  assert.equal(count(), 2)
  end(1)
  end(2)
  assert.deepEqual(await Promise.all(both), [1, 2])
})

test('a read that fails fails for those who share it, and for nobody after them', async () => {
  const { read, end, fail } = reading()
  const ask = shareReads<number>()
  const first = ask('a', read)
  const second = ask('a', read)
  fail(1, new Error('away'))
  await assert.rejects(first, /away/)
  await settled()
  end(2)
  assert.equal(await second, 2)
})
