import type { Socket } from 'node:net'
import { Burst, type Connection } from './burst.ts'

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
  readonly #timer: NodeJS.Timeout
  readonly #resting = new Map<Connection, { readonly socket: Socket; asked?: Burst }>()

  constructor(interval: number) {
    this.#interval = interval
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
    for (const [connection, resting] of this.#resting) {
      const { socket, asked } = resting
      if (asked !== undefined && connection.underWay.includes(asked)) socket.destroy(silent(this.#interval))
      if (socket.destroyed) this.#resting.delete(connection)
      else resting.asked = Burst.send([], connection)
    }
  }
}

export const silent = (ms: number): Error => new Error(`PostgreSQL has said nothing for ${ms} ms`)
