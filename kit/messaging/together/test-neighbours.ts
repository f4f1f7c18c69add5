import { testServer } from '@kit/embedded-postgres/test-server'
import type { Envelope, Log, TopicPartition } from '@kit/log/log'
import { logMigrations } from '@kit/log/postgres/migrations'
import { openLonePostgresLog } from '@kit/log/postgres/open'
import { command, event, type Message } from '@kit/message/message'
import { scratchDatabase } from '@kit/migrations/template'
import { fixedPlatform } from '@kit/platform/fixed'
import type { Platform } from '@kit/platform/platform'
import { openSharedDatabase, type SharedDatabase } from '@kit/postgres/database'
import type { Tx } from '@kit/postgres/queryable'
import { sql } from '@kit/postgres/statement'
import Type from 'typebox'
import { onBatch, type Consumer } from '../consumer.ts'
import { deadLetterMigrations } from '../migrations.ts'
import type { Outgoing, Send } from '../outgoing.ts'
import { Reader } from '../reader.ts'
import { sender, type Enqueue } from '../send.ts'
import { telemetry } from '../test-group.ts'
import { Together, type Mode } from './together.ts'

const NAMES = ['till', 'shelf', 'desk'] as const
export type Name = (typeof NAMES)[number]

const insertNotes = sql(import.meta.url, '../test-insert-notes.sql')
const selectNotes = sql<{ topic: string; text: string }>(import.meta.url, '../test-select-notes.sql')
const selectOutbox = sql<{ messages: readonly Envelope[] }>(import.meta.url, 'test-select-outbox.sql')

const content = Type.Object({ id: Type.String(), text: Type.String(), via: Type.Array(Type.String()) })
const writeFor = <const N extends Name>(name: N) => command(`${name}.write.v1`, 'id', content)

/** Each service is asked to write a text down, and to ask the next of `via` for the same; `tell` makes it an event. */
export const Write = { till: writeFor('till'), shelf: writeFor('shelf'), desk: writeFor('desk') }
export const Written = event('shelf.written.v1', 'id', Type.Object({ id: Type.String(), text: Type.String() }))

type Told = { readonly id: string; readonly text: string }

const write = async (tx: Tx, notes: readonly Told[]): Promise<void> => {
  await tx.query(insertNotes, [notes.map(({ id }) => id), notes.map(({ text }) => text)])
}

const nextOf = ({ id, text, via: [next, ...via] }: Told & { readonly via: readonly string[] }): readonly Message[] => {
  if (next === 'tell') return [Written({ id, text })]
  const name = NAMES.find((one) => one === next)
  return name === undefined ? [] : [Write[name]({ id, text, via })]
}

export const writes = (name: Name): Consumer =>
  onBatch(Write[name], async (notes, tx) => {
    await write(tx, notes)
    return notes.flatMap(nextOf)
  })

/** Writes down what it hears that the shelf has written. */
export const hears = onBatch(Written, async (notes, tx) => {
  await write(
    tx,
    notes.map(({ id, text }) => ({ id, text: `heard ${text}` })),
  )
  return []
})

export type Neighbour = {
  readonly db: ReturnType<SharedDatabase['of']>
  readonly send: Send
  readonly reader: Reader
}

export type ProcessOptions = {
  readonly mode?: Mode
  readonly platform?: Platform
  readonly names?: readonly Name[]
  /** What a service handles besides what it is asked to write. */
  readonly consumers?: Partial<Record<Name, readonly Consumer[]>>
  /** How a service writes, instead of the usual. */
  readonly replaced?: Partial<Record<Name, Consumer>>
  readonly enqueue?: (name: Name) => Enqueue
  readonly owns?: (group: string, place: TopicPartition) => boolean
  readonly missed?: (topics: readonly string[]) => void
}

/** A process with some of the services. */
export type Process = AsyncDisposable & {
  readonly of: (name: Name) => Neighbour
  readonly together: Together
  /** What somebody outside asks a service to tell. */
  readonly send: (name: Name, ...outgoing: readonly Outgoing[]) => Promise<void>
  /** The same as work of the service, which goes on among neighbours. */
  readonly begin: (name: Name, ...outgoing: readonly Outgoing[]) => Promise<void>
  /** All readers read until nothing is left. */
  readonly settle: () => Promise<void>
}

export type Neighbours = AsyncDisposable & {
  readonly url: string
  readonly open: (options?: ProcessOptions) => Promise<Process>
  /** What a service has written down, in the order of writing. */
  readonly written: (name: Name, id?: string) => Promise<readonly string[]>
  /** What the log has. */
  readonly outbox: () => Promise<readonly Envelope[]>
}

const noJobs: Enqueue = () => undefined

const openProcess = async (url: string, options: ProcessOptions): Promise<Process> => {
  const { mode = 'on', platform = fixedPlatform({ now: new Date() }), names = NAMES, enqueue = () => noJobs } = options
  const owned = new AsyncDisposableStack()
  const shared = owned.use(openSharedDatabase({ url }))
  const log = logOf(options)
  const together = new Together({ mode, platform, log, telemetry })
  const services = new Map<Name, Neighbour & { readonly enqueue: Enqueue }>()
  for (const name of names) {
    const db = shared.of(name)
    const own = enqueue(name)
    const { partitionOf, committed } = log
    const send = sender({ platform, partitionOf, committed, written: together.sent, enqueue: own })
    const consumers = [options.replaced?.[name] ?? writes(name), ...(options.consumers?.[name] ?? [])]
    const missed = (_tx: Tx, topics: readonly string[]): void => options.missed?.(topics)
    const around = { db, send, enqueue: own, together, log, platform, telemetry, missed }
    const reader = owned.use(new Reader({ group: name, consumers, ...around }))
    services.set(name, { db, send, reader, enqueue: own })
  }
  const of = (name: Name) => services.get(name) ?? missing(name)
  const process: Process = {
    of,
    together,
    send: (name, ...outgoing) => of(name).db.transaction(async (tx) => of(name).send(tx, outgoing)),
    begin: (name, ...outgoing) =>
      together.commitFor({ group: name, ...of(name) })(async (tx, send) => send(tx, outgoing)),
    settle: async () => {
      for (let isIdle = false; !isIdle;) {
        isIdle = true
        for (const { reader } of services.values()) isIdle = (await reader.step()) === 'idle' && isIdle
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  await process.settle()
  return process
}

const logOf = ({ owns = () => true }: ProcessOptions): Log => {
  const log = openLonePostgresLog()
  return {
    ...log,
    join: async (joining) => {
      const source = await log.join(joining)
      const { owned } = source
      return Object.assign(source, { owned: () => owned().filter((place) => owns(joining.group, place)) })
    },
  }
}

const missing = (name: Name): never => {
  throw new Error(`the process has no ${name}`)
}

/** Three services on one database; each with these migrations as well. */
export const neighbours = async (migrations: readonly URL[] = []): Promise<Neighbours> => {
  const owned = new AsyncDisposableStack()
  const folders = [...migrations, deadLetterMigrations, new URL('../test-migrations/', import.meta.url)]
  const schemas = [
    { name: 'log', folders: [logMigrations], sharedWith: NAMES },
    ...NAMES.map((name) => ({ name, folders })),
  ]
  const { url } = owned.use(await scratchDatabase({ url: await testServer(), schemas }))
  const shared = owned.use(openSharedDatabase({ url }))
  return {
    url,
    open: async (options = {}) => owned.use(await openProcess(url, options)),
    written: async (name, id) =>
      (await shared.of(name).query(selectNotes))
        .filter(({ topic }) => id === undefined || topic === id)
        .map(({ text }) => text),
    outbox: async () => (await shared.of('till').query(selectOutbox)).flatMap(({ messages }) => messages),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
