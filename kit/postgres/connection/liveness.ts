import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { Burst, type Connection } from '../wire/burst.ts'
import { after } from './patience.ts'

// A network that dies without a word, or a firewall that forgets a connection: TCP may take a quarter of an hour to
// notice. Both guards look again after the next read of sockets: the timers of a process that was frozen are late, and
// so would be its judgement of others.

/** Destroys a connection whose answer keeps quiet for `patience` ms. Whoever waits for it has the error. */
export const endWhenSilent = (socket: Socket, { underWay }: Connection, patience: number): void => {
  // Not in one call: a callback of setTimeout is called once, and the first rest would use it up.
  socket.setTimeout(patience)
  socket.on('timeout', () => {
    const heard = socket.bytesRead
    setImmediate(() => {
      if (underWay.length > 0 && socket.bytesRead === heard) socket.destroy(silent(patience))
    })
  })
}

/**
 * Asks connections that rest for a sign of life every `interval` ms, and destroys those that have given none until the
 * next time: so a silent one is found before somebody needs it, and firewalls do not forget the others. The question is
 * a Sync alone: no statement, no transaction, nothing in the server's figures.
 */
export class RestingConnections implements Disposable {
  readonly #interval: number
  readonly #found: () => void
  readonly #timer: NodeJS.Timeout
  readonly #resting = new Map<Connection, { readonly socket: Socket; asked?: Burst }>()

  /** `found` is called when one was silent. */
  constructor(interval: number, found: () => void) {
    this.#interval = interval
    this.#found = found
    this.#timer = setInterval(() => setImmediate(() => this.#ask()), interval)
    this.#timer.unref()
  }

  rests(connection: Connection, socket: Socket): void {
    this.#resting.set(connection, { socket })
  }

  works(connection: Connection): void {
    this.#resting.delete(connection)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#resting.clear()
  }

  #ask(): void {
    let isSilent = false
    for (const [connection, resting] of this.#resting) {
      const { socket, asked } = resting
      if (asked !== undefined && connection.underWay.includes(asked)) {
        socket.destroy(silent(this.#interval))
        isSilent = true
      }
      if (socket.destroyed) this.#resting.delete(connection)
      else resting.asked = Burst.send([], connection)
    }
    if (isSilent) this.#found()
  }
}

/** After a connection to the same server was found silent, what others that are at work get for their next word, in ms. */
const SUSPICION = 2_000

const servers = new EventEmitter().setMaxListeners(0)

/**
 * The connections of this process to one server share a fate: when one that rests has fallen silent, the others need not
 * wait for their whole patience.
 */
export class SharedFate implements Disposable {
  readonly #server: string
  readonly #working: () => Iterable<readonly [Connection, Socket]>

  constructor(server: string, working: () => Iterable<readonly [Connection, Socket]>) {
    this.#server = server
    this.#working = working
    servers.on(server, this.#suspect)
  }

  /** One of the connections to the server was silent. */
  found(): void {
    servers.emit(this.#server)
  }

  [Symbol.dispose](): void {
    servers.off(this.#server, this.#suspect)
  }

  readonly #suspect = (): void => {
    for (const [{ underWay }, socket] of this.#working()) {
      const [first] = underWay
      if (first === undefined) continue
      const heard = socket.bytesRead
      after(SUSPICION, () => {
        if (underWay[0] === first && socket.bytesRead === heard) socket.destroy(silent(SUSPICION))
      })
    }
  }
}

export const silent = (ms: number): Error => new Error(`PostgreSQL has said nothing for ${ms} ms`)
