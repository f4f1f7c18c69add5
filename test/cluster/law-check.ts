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
  await eventually('what was set aside has come again', async () => (await books.setAside()) === 0, LATE)
  assert.deepEqual(await checkLaws(books, accepted, unanswered), [])
}
