import { Readable } from 'node:stream'

/** One server-sent event. Its data travels as JSON; a client that lost the connection sends the last `id` it saw. */
export type ServerSentEvent = { readonly id?: string; readonly event?: string; readonly data: unknown }

/**
 * Events as long as there are any. `signal` is aborted when the client has gone, the server drains or the stream has
 * lasted `maxAge`; what is yielded after that is dropped, and the client comes back with the header Last-Event-ID.
 */
export type Events = (signal: AbortSignal) => AsyncIterable<ServerSentEvent>

export class EventStream {
  readonly source: Events
  readonly heartbeat: number
  readonly maxAge: number
  readonly patience: number
  constructor(source: Events, { heartbeat = 15_000, maxAge = 900_000, patience = 30_000 }: EventStreamOptions = {}) {
    this.source = source
    this.heartbeat = heartbeat
    this.maxAge = maxAge
    this.patience = patience
  }
}

/**
 * Milliseconds: between two comments that keep proxies from closing, until the client must come back, and for which it
 * may leave what is written unread before it is cut off.
 */
export type EventStreamOptions = { readonly heartbeat?: number; readonly maxAge?: number; readonly patience?: number }

/**
 * What a route returns whose endpoint has the type `text/event-stream`.
 *
 * @example
 * return eventStream(async function* (signal) {
 *   for await (const line of history(id, headers['last-event-id'], signal)) yield { id: line.n, event: 'step', data: line }
 * })
 */
export const eventStream = (source: Events, options?: EventStreamOptions): EventStream =>
  new EventStream(source, options)

/**
 * The bytes of the stream. A slow client holds the source back: no more is read than one buffer holds. One that reads
 * nothing for too long is cut off; a stream that is over would otherwise wait for it.
 */
export const readEvents = (stream: EventStream, ended: AbortSignal): Readable => {
  const over = AbortSignal.any([ended, AbortSignal.timeout(stream.maxAge)])
  const bytes = Readable.from(
    taken(frames(stream, over), stream.patience, () => bytes.destroy()),
    {
      objectMode: false,
    },
  )
  return bytes
}

/** Calls `stuck` when what it has yielded is not taken in time. */
async function* taken(source: AsyncIterable<string>, patience: number, stuck: () => void): AsyncGenerator<string> {
  for await (const text of source) {
    const guard = setTimeout(stuck, patience)
    try {
      yield text
    } finally {
      clearTimeout(guard)
    }
  }
}

async function* frames(stream: EventStream, over: AbortSignal): AsyncGenerator<string> {
  yield 'retry: 1000\n\n'
  const events = stream.source(over)[Symbol.asyncIterator]()
  const stop = Promise.withResolvers<'over'>()
  over.addEventListener('abort', () => stop.resolve('over'), { once: true })
  if (over.aborted) stop.resolve('over')
  let next = events.next()
  try {
    for (;;) {
      using beat = timer(stream.heartbeat)
      const first = await Promise.race([next, beat.rings, stop.promise])
      if (first === 'over') return
      if (first === 'beat') yield ':\n\n'
      else if (first.done === true) return
      else {
        yield frame(first.value)
        next = events.next()
      }
    }
  } finally {
    // The source sees the signal and ends by itself; one that does not must not hold up the connection.
    next.catch(ignoredAfterTheEnd)
    events.return?.().catch(ignoredAfterTheEnd)
  }
}

const ignoredAfterTheEnd = (): void => undefined

const timer = (ms: number): Disposable & { readonly rings: Promise<'beat'> } => {
  const { promise, resolve } = Promise.withResolvers<'beat'>()
  const handle = setTimeout(() => resolve('beat'), ms)
  return { rings: promise, [Symbol.dispose]: () => clearTimeout(handle) }
}

/** JSON has no raw line breaks, so the data is always one line. */
const frame = ({ id, event, data }: ServerSentEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`
