import { command } from '@kit/message/message'
import { fixedPlatform } from '@kit/platform/fixed'
import { openDatabase, type OpenDatabase } from '@kit/postgres/database'
import { sql } from '@kit/postgres/statement'
import type { Log } from '@kit/log/log'
import { logMigrations } from '@kit/log/postgres/migrations'
import { openLonePostgresLog } from '@kit/log/postgres/open'
import { scratchDatabase } from '@kit/migrations/template'
import { testServer } from '@kit/embedded-postgres/test-server'
import { openLog } from '@kit/telemetry/log'
import { openMetrics } from '@kit/telemetry/metrics'
import Type from 'typebox'
import { onBatch } from './consumer.ts'
import type { Send } from './outgoing.ts'
import { Reader, type ReaderOptions } from './reader.ts'
import { sender } from './send.ts'
import { deadLetterMigrations } from './migrations.ts'

/** What the tests' group is asked to write down; `bad` cannot be written. */
export const Note = command('notes.note.v1', 'topic', Type.Object({ topic: Type.String(), text: Type.String() }))

const insertNotes = sql(import.meta.url, 'test-insert-notes.sql')
const selectNotes = sql<{ topic: string; text: string }>(import.meta.url, 'test-select-notes.sql')

/** Writes the whole batch by one statement, so that one bad note fails them all. */
export const writeNotes = onBatch(Note, async (notes, tx) => {
  await tx.query(insertNotes, [notes.map(({ topic }) => topic), notes.map(({ text }) => text)])
  return []
})

export type Notes = AsyncDisposable & {
  readonly url: string
  readonly db: OpenDatabase
  readonly send: Send
  readonly log: Log
  readonly reader: (options?: Partial<ReaderOptions>) => Reader
  /** Everything written, in the order of writing. */
  readonly written: (topic?: string) => Promise<readonly string[]>
}

export const telemetry = { log: openLog({ level: 'silent' }), metrics: openMetrics() }

/** A service with one table, and a log, on a database of their own. */
export const notes = async (): Promise<Notes> => {
  const owned = new AsyncDisposableStack()
  const folders = [deadLetterMigrations, new URL('./test-migrations/', import.meta.url)]
  const schemas = [
    { name: 'log', folders: [logMigrations], sharedWith: ['notes'] },
    { name: 'notes', folders },
  ]
  const { url } = owned.use(await scratchDatabase({ url: await testServer(), schemas }))
  const db = owned.use(openDatabase({ url, service: 'notes', max: 16 }))
  const platform = fixedPlatform({ now: new Date() })
  const log = openLonePostgresLog()
  const send = sender({ platform, partitionOf: log.partitionOf, committed: log.committed, enqueue: () => undefined })
  return {
    url,
    db,
    send,
    log,
    reader: (options = {}) =>
      new Reader({ group: 'notes', consumers: [writeNotes], db, send, log, platform, telemetry, ...options }),
    written: async (topic) =>
      (await db.query(selectNotes))
        .filter((note) => topic === undefined || note.topic === topic)
        .map(({ text }) => text),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
