import type { Kafka } from '../cluster/kafka.ts'
import type { Books } from '../laws/books.ts'

/** Messages that were sent and are not in Kafka, and those in Kafka that nobody has sent. */
export const astray = async (books: Books, kafka: Kafka): Promise<readonly string[]> => {
  const sent = await books.sent()
  const kept = new Set([...(await kafka.headers()).matchAll(/\bce_id:([^,\n]+)/g)].map(([, id = '']) => id))
  // What was sent while the headers were read may be there already.
  const since = await books.sent()
  return [
    ...[...sent].filter(([id]) => !kept.has(id)).map(([, what]) => `nothing lost: ${what} has not come to Kafka`),
    ...[...kept].filter((id) => !since.has(id)).map((id) => `nothing unasked: nobody has sent message ${id} of Kafka`),
  ]
}
