import assert from 'node:assert/strict'
import { buyThrough } from './buy-through.ts'
import { assertLaws } from './law-check.ts'
import type { Actors } from './scenario.ts'

const PURCHASES = 40

/** Buys while something happens in the middle, and then holds the tables at the URL against the laws. */
export type UnderLoad = (inTheMiddle: () => Promise<void>) => Promise<void>

export const loadOn = (actors: Actors, booksUrl: string): UnderLoad => {
  const { accepted } = actors
  let unanswered = 0
  return async (inTheMiddle) => {
    const outcome = await buyThrough({ ...actors, total: PURCHASES, inTheMiddle })
    accepted.push(...outcome.accepted)
    unanswered += outcome.unanswered
    assert.ok(outcome.accepted.length >= PURCHASES / 4, `${outcome.accepted.length} accepted: ${outcome.refusals}`)
    await assertLaws(booksUrl, accepted, unanswered)
  }
}
