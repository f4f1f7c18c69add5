import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a new connection meets. */
type Mode = 'forward' | 'silent' | 'refuse'

/**
 * A network between a client and a server that fails as it is told: `await using net = await TcpProxy.before(url)`. Nothing of
 * what is held back is lost: it arrives late, as TCP repeats what was not acknowledged.
 */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #target: NetConnectOpts
  readonly #url: URL
  readonly #links = new Set<Link>()
  #mode: Mode = 'forward'
  #delay = 0

  private constructor(server: Server, target: NetConnectOpts, url: URL) {
    this.#server = server
    this.#target = target
    this.#url = url
    server.on('connection', (client) => this.#admit(client))
  }

  /** Before the server of a URL; a folder as `?host=` is that of a PostgreSQL socket. Listens on a free port of 127.0.0.1. */
  static async before(url: string): Promise<TcpProxy> {
    const target = new URL(url)
    const folder = target.searchParams.get('host')
    const port = Number(target.port)
    const server = createServer({ noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new TcpProxy(
      server,
      folder?.startsWith('/') === true
        ? { path: `${folder}/.s.PGSQL.${port}` }
        : { host: target.hostname, port, noDelay: true },
      target,
    )
  }

  /** The URL that leads through the proxy. */
  get url(): string {
    const through = new URL(this.#url)
    through.searchParams.delete('host')
    through.hostname = '127.0.0.1'
    through.port = String((this.#server.address() as AddressInfo).port)
    return through.href
  }

  /** Connections that are open now, the silent ones included. */
  get connections(): number {
    return this.#links.size
  }

  /** All is well again: what was silenced by `silence` arrives now, what is new passes without delay. */
  forward(): void {
    this.#mode = 'forward'
    this.#delay = 0
    for (const link of this.#links) link.resume()
  }

  /** The network is gone: nobody hears anything more, and who connects is let in and hears nothing. Until `forward`. */
  silence(): void {
    this.#mode = 'silent'
    for (const link of this.#links) link.pause()
  }

  /** A firewall forgets what it knew: connections that are open now are silent for ever. New ones work. */
  silenceExisting(): void {
    for (const link of this.#links) link.forget()
  }

  /** Turns new connections away with a reset; those that are open go on. */
  refuse(): void {
    this.#mode = 'refuse'
  }

  /** From now on every byte takes so many milliseconds longer, in each direction. */
  delay(ms: number): void {
    this.#delay = ms
  }

  /** Cuts the connections that are open now; the client sees a reset. */
  drop(): void {
    for (const link of this.#links) link.cut()
  }

  /** Cuts the server's ends only, as its keep-alive would: it frees the locks of clients that hear nothing of it. */
  dropServerEnds(): void {
    for (const link of this.#links) link.forget().server.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #admit(client: Socket): void {
    if (this.#mode === 'refuse') {
      client.on('error', () => undefined).resetAndDestroy()
      return
    }
    const link = new Link(client, connect(this.#target), () => this.#delay)
    this.#links.add(link)
    void link.closed.then(() => this.#links.delete(link))
    if (this.#mode === 'silent') link.pause()
  }
}

/** One connection through the proxy. */
class Link {
  readonly client: Socket
  readonly server: Socket
  readonly closed: Promise<unknown>
  readonly #delay: () => number
  #open = Promise.withResolvers<void>()
  #forgotten = false

  constructor(client: Socket, server: Socket, delay: () => number) {
    this.client = client
    this.server = server
    this.#delay = delay
    this.#open.resolve()
    this.closed = Promise.all([client, server].map((end) => new Promise((resolve) => end.once('close', resolve))))
    this.#carry(client, server)
    this.#carry(server, client)
  }

  pause(): void {
    if (this.client.isPaused()) return
    this.#open = Promise.withResolvers()
    this.client.pause()
    this.server.pause()
  }

  resume(): void {
    if (this.#forgotten) return
    this.#open.resolve()
    this.client.resume()
    this.server.resume()
  }

  /** Silent for good. */
  forget(): this {
    this.#forgotten = true
    this.pause()
    return this
  }

  cut(): void {
    this.client.resetAndDestroy()
    // May be a socket in the file system, which knows no reset.
    this.server.destroy()
  }

  #carry(from: Socket, to: Socket): void {
    let tail: Promise<unknown> = Promise.resolve()
    const later = (act: () => void): void => {
      const due = performance.now() + this.#delay()
      tail = tail.then(async () => {
        const wait = due - performance.now()
        if (wait > 0) await sleep(wait)
        // Also what was on its way when the line fell silent.
        await this.#open.promise
        if (!to.destroyed) act()
      })
    }
    from.on('data', (chunk) => later(() => to.write(chunk)))
    from.on('end', () => later(() => to.end()))
    from.on('error', () => later(() => to.destroy()))
    from.on('close', () => later(() => to.destroy()))
  }
}
