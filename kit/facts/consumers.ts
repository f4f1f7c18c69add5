import { onBatch, type Consumer } from '@kit/messaging/consumer'
import { sql } from '@kit/postgres/statement'
import { ownerOf, type FactsProjection } from './facts.ts'
import { factsTold, tellFacts } from './messages.ts'

const upsertTelling = sql(import.meta.url, 'upsert-telling.sql')
const markRead = sql(import.meta.url, 'mark-read.sql')

/**
 * As an owner: what is asked for is written down; the teller works it off. `asked` is called when there is something.
 */
export const takeDown = (owner: string, asked: () => void): Consumer =>
  onBatch(tellFacts(owner), async (asks, tx) => {
    const latest = [...new Map(asks.map((ask) => [JSON.stringify([ask.reader, ask.projection]), ask])).values()]
    await tx.query(upsertTelling, [
      latest.map(({ reader }) => reader),
      latest.map(({ projection }) => projection),
      latest.map(({ asking }) => asking),
      latest.map(({ types }) => `{${types.map((type) => `"${type}"`).join()}}`),
    ])
    tx.afterCommit(asked)
    return []
  })

/** As a reader: notes, by owner, that all is read which was asked for. */
export const noteWhatIsRead = (projections: readonly FactsProjection[]): readonly Consumer[] =>
  [...new Set(projections.flatMap(({ from }) => from.map(ownerOf)))].map((owner) =>
    onBatch(factsTold(owner), async (ends, tx) => {
      await tx.query(markRead, [
        owner,
        ends.map(({ projection }) => projection),
        ends.map(({ asking }) => asking),
        ends.map(({ partition }) => partition),
        ends.map(({ partitions }) => partitions),
        ends.map(({ told }) => told),
      ])
      return []
    }),
  )
