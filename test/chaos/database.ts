import { startEmbedded, type EmbeddedPostgres } from '@kit/embedded-postgres/embedded'
import { findPostmaster } from '@kit/embedded-postgres/folder'
import { TcpProxy } from '@kit/testing/tcp-proxy'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export type DatabaseOptions = {
  /** Where its folders are made. */
  readonly dir: string
  readonly fsync: boolean
  readonly log: (line: string) => void
}

/** Ms in which it answers again after a kill or a full disk. */
const BACK_WITHIN = 30_000

/** The PostgreSQL of a run, and the network before it; it may move to another server. */
export class Database implements AsyncDisposable {
  readonly #options: DatabaseOptions
  #server: EmbeddedPostgres
  #net: TcpProxy
  #moves = 0

  private constructor(options: DatabaseOptions, server: EmbeddedPostgres, net: TcpProxy) {
    this.#options = options
    this.#server = server
    this.#net = net
  }

  static async start(options: DatabaseOptions): Promise<Database> {
    const server = await serverIn(options, 0)
    return new Database(options, server, await TcpProxy.before(server.url))
  }

  /** For whoever watches: straight to the server. */
  get url(): string {
    return this.#server.url
  }

  /** What is between the shop and the server; `net.url` is where the shop finds it. */
  get net(): TcpProxy {
    return this.#net
  }

  /** The server's first process. Throws when none runs. */
  get postmaster(): number {
    const dir = folderOf(this.#options, this.#moves)
    const found = findPostmaster(dir)
    if (found === undefined) throw new Error(`no PostgreSQL runs on ${dir}`)
    return found.pid
  }

  /** Resolves when the server answers. */
  async answers(): Promise<void> {
    for (const deadline = performance.now() + BACK_WITHIN; performance.now() < deadline; await sleep(50)) {
      if (await isWell(this.url)) return
    }
    throw new Error(`PostgreSQL has not come back within ${BACK_WITHIN} ms`)
  }

  /** Moves to a new server: `bring` is told the old URL and the new one. The old one is removed. */
  async move(bring: (from: string, to: string) => Promise<void>): Promise<void> {
    const next = this.#moves + 1
    const server = await serverIn(this.#options, next)
    try {
      await bring(this.#server.url, server.url)
    } catch (error) {
      await server[Symbol.asyncDispose]()
      rmSync(folderOf(this.#options, next), { recursive: true, force: true })
      throw error
    }
    const [old, oldNet] = [this.#server, this.#net]
    this.#server = server
    this.#net = await TcpProxy.before(server.url)
    this.#moves = next
    await oldNet[Symbol.asyncDispose]()
    await old[Symbol.asyncDispose]()
    rmSync(folderOf(this.#options, next - 1), { recursive: true, force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#net[Symbol.asyncDispose]()
    await this.#server[Symbol.asyncDispose]()
  }
}

const folderOf = ({ dir }: DatabaseOptions, n: number): string => join(dir, `pg${n}`)

const serverIn = (options: DatabaseOptions, n: number): Promise<EmbeddedPostgres> => {
  const tell = (fields: unknown, message: string): void => options.log(`${message} ${JSON.stringify(fields)}`)
  return startEmbedded({ dir: folderOf(options, n), fsync: options.fsync, log: { warn: tell, error: tell } })
}

const isWell = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('select pg_current_xact_id()')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => undefined)
  }
}
