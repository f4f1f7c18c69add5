import { askForFacts, partOn } from '@kit/facts/ask'
import { AskAgain } from '@kit/facts/ask-again'
import { noteWhatIsRead, takeDown } from '@kit/facts/consumers'
import type { Partitioning } from '@kit/log/log'
import { Teller } from '@kit/facts/teller'
import type { Consumer } from '@kit/messaging/consumer'
import type { Send } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import type { Database, Tx } from '@kit/postgres/queryable'
import type { Telemetry } from '@kit/telemetry/telemetry'
import type { Service } from './service.ts'

export type FactsOptions = {
  readonly db: Database
  readonly send: Send
  readonly log: Partitioning
  readonly platform: Platform
  readonly telemetry: Telemetry
}

/** What a service tells of its facts, and asks of those of others. */
export type OpenFacts = AsyncDisposable & {
  /** Every service has one at least, for all may be asked. */
  readonly consumers: readonly Consumer[]
  /** Asks for what the service keeps and can no longer read on these topics. */
  readonly missed: (tx: Tx, topics: readonly string[]) => void
  /** Tells all that was asked for; for tests, of what is not started. Whether there was anything. */
  readonly drain: () => Promise<boolean>
  readonly start: () => void
}

export const openFacts = (service: Service, { db, send, log, platform, telemetry }: FactsOptions): OpenFacts => {
  const { name, facts = [], projections = [] } = service
  const owned = new AsyncDisposableStack()
  const asking = { reader: name, send, platform }
  const teller = owned.use(new Teller({ owner: name, facts, db, send, log, platform, telemetry }))
  const asker = owned.use(new AskAgain({ ...asking, db, projections, log: telemetry.log }))
  return {
    consumers: [takeDown(name, () => teller.wake()), ...noteWhatIsRead(projections)],
    missed: (tx, topics) => {
      for (const part of projections.flatMap((one) => partOn(topics, one) ?? [])) askForFacts(tx, asking, part)
    },
    drain: () => teller.drain(),
    start: () => {
      if (facts.length > 0) teller.start()
      if (projections.length > 0) asker.start()
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
