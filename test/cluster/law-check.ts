import assert from 'node:assert/strict'
import { openBooks } from '../laws/books.ts'
import { checkLaws } from '../laws/check-laws.ts'
import { eventually } from '../eventually.ts'

/** Ms that what is set aside may take to come again. */
const LATE = 15_000

/** Waits until nothing moves any more, then holds the tables against the laws. */
export const assertLaws = async (databaseUrl: string, accepted: readonly string[], unanswered = 0): Promise<void> => {
  await using books = await openBooks(databaseUrl)
  await eventually('all purchases have ended', async () => (await books.openSagas()) === 0)
  // A message that was locked out is set aside and comes again by itself: wait for what is only late.
  let broken: readonly string[] = []
  await eventually(
    'nothing is on its way',
    async () => (broken = await checkLaws(books, accepted, unanswered)).length === 0,
    LATE,
  ).catch(() => undefined)
  assert.deepEqual(broken, [])
}
