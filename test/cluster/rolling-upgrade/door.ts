import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { eventually } from '../../eventually.ts'

/** A request that a client would say has failed. */
export type Failure = {
  /** By the clock of performance.now(). */
  readonly at: number
  readonly request: string
  readonly key: string
  readonly instance: string
  readonly why: string
}

type Asked = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}
type Told = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer }

type Instance = { readonly name: string; readonly url: string; underWay: number }

/** Ms for an answer; the shop's own limit is 30 s. */
const PATIENCE = 35_000
/** What the shop may answer to somebody who has done nothing wrong: not yet, already, no longer. */
const REFUSALS = new Set([402, 404, 409, 422])

/**
 * A balancer as plain as they come: each request goes to the next instance, by a connection of its own. One that is not
 * let in (refused: nothing was sent) goes to the one after. Everything else that happens is the client's, and is
 * written down.
 */
export class Door implements AsyncDisposable {
  readonly #server: Server
  readonly #instances: Instance[] = []
  #next = 0
  readonly failures: Failure[] = []
  /** How often a refusal was answered, by status and code. */
  readonly refusals = new Map<string, number>()
  /** How many requests each instance has answered. */
  readonly answered = new Map<string, number>()

  private constructor(server: Server) {
    this.#server = server
    server.on('request', (incoming, outgoing) => void this.#pass(incoming, outgoing))
  }

  static async open(): Promise<Door> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Door(server)
  }

  get url(): string {
    const address = this.#server.address()
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  }

  letIn(name: string, url: string): void {
    this.#instances.push({ name, url, underWay: 0 })
  }

  /** Sends it no more, and resolves when it has answered what it was sent. Only then may it be told to end. */
  async leaveOut(name: string): Promise<void> {
    const at = this.#instances.findIndex((instance) => instance.name === name)
    const [instance] = this.#instances.splice(at, at < 0 ? 0 : 1)
    await eventually(`${name} has answered everything`, () => (instance?.underWay ?? 0) === 0, PATIENCE)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = incoming
    const asked = { method, path, headers, body: await buffer(incoming) }
    const { status, headers: own, body } = await this.#ask(asked)
    outgoing.writeHead(status, { ...own, connection: 'keep-alive' }).end(body)
  }

  async #ask(asked: Asked): Promise<Told> {
    let why = 'no instance runs'
    let last = 'none'
    for (const instance of this.#inTurn()) {
      last = instance.name
      instance.underWay++
      try {
        const told = await send(instance.url, asked)
        this.#note(asked, last, told)
        return told
      } catch (error) {
        why = `${Object(error).code ?? ''} ${Object(error).message}`.trim()
        if (Object(error).code !== 'ECONNREFUSED') break
      } finally {
        instance.underWay--
      }
    }
    this.#fail(asked, last, why)
    return { status: 502, headers: {}, body: Buffer.from('') }
  }

  #inTurn(): readonly Instance[] {
    const first = this.#next++ % Math.max(1, this.#instances.length)
    return [...this.#instances.slice(first), ...this.#instances.slice(0, first)]
  }

  #note(asked: Asked, instance: string, { status, body }: Told): void {
    this.answered.set(instance, (this.answered.get(instance) ?? 0) + 1)
    if (status < 400) return
    const said = body.toString()
    if (!REFUSALS.has(status)) return this.#fail(asked, instance, `${status} ${said.slice(0, 500)}`)
    const refusal = `${status} ${/"code":"([^"]*)"/.exec(said)?.[1] ?? said.slice(0, 80)}`
    this.refusals.set(refusal, (this.refusals.get(refusal) ?? 0) + 1)
  }

  #fail({ method, path, headers }: Asked, instance: string, why: string): void {
    const key = String(headers['idempotency-key'] ?? '')
    this.failures.push({ at: performance.now(), request: `${method} ${path}`, key, instance, why })
  }
}

const send = async (url: string, { method, path, headers, body }: Asked): Promise<Told> => {
  const outgoing = request(new URL(path, url), {
    method,
    headers: { ...headers, connection: 'close' },
    agent: false,
    signal: AbortSignal.timeout(PATIENCE),
  })
  outgoing.end(body)
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: await buffer(incoming) }
}
