import type { Books } from './books.ts'
import { violationsIn } from './laws.ts'

/** What breaks a law now that nothing moves any more; what was parked as a dead letter counts as well. */
export const checkLaws = async (
  books: Books,
  accepted: readonly string[],
  unanswered: number,
): Promise<readonly string[]> => {
  const [cases, stock, deadLetters] = [await books.cases(), await books.stock(), await books.deadLetters()]
  return [
    ...violationsIn({ cases, stock, accepted, unanswered }),
    ...deadLetters.map((letter) => `visible failure: a dead letter, ${letter}`),
  ]
}
