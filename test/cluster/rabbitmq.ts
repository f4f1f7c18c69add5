import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect } from 'amqplib'
import { eventually } from '../eventually.ts'
import { freePort } from './free-port.ts'
import { NotHere } from './not-here.ts'

/** The programs themselves; those in /usr/sbin change the user and drop the environment. */
const BIN = '/usr/lib/rabbitmq/bin'

type Node = { readonly name: string; readonly port: number; readonly distribution: number; child?: ChildProcess }

/** RabbitMQ as the distribution ships it, one node or a cluster, to be killed and started again. */
export class Rabbit implements AsyncDisposable {
  readonly #dir: string
  readonly #epmd: ChildProcess
  readonly #epmdPort: number
  readonly #nodes: readonly Node[]

  private constructor(dir: string, epmd: ChildProcess, epmdPort: number, nodes: readonly Node[]) {
    this.#dir = dir
    this.#epmd = epmd
    this.#epmdPort = epmdPort
    this.#nodes = nodes
  }

  /** Why it cannot be started on this machine; undefined when it can. */
  static missing(): NotHere | undefined {
    if (existsSync(join(BIN, 'rabbitmq-server'))) return undefined
    return new NotHere('RabbitMQ', `nothing in ${BIN}`, 'apt-get install rabbitmq-server')
  }

  /** Starts so many nodes in `dir`, on free ports of the loopback interface. Throws NotHere when the machine has no RabbitMQ. */
  static async start(dir: string, count = 1): Promise<Rabbit> {
    const missing = Rabbit.missing()
    if (missing !== undefined) throw missing
    mkdirSync(join(dir, 'home'), { recursive: true })
    writeFileSync(join(dir, 'home', '.erlang.cookie'), randomUUID())
    chmodSync(join(dir, 'home', '.erlang.cookie'), 0o400)
    writeFileSync(join(dir, 'plugins'), '[].')
    const epmdPort = await freePort()
    const epmd = spawn('epmd', ['-port', String(epmdPort), '-address', '127.0.0.1'], { stdio: 'ignore' })
    const nodes: Node[] = []
    for (let n = 1; n <= count; n++) {
      nodes.push({ name: `r${n}@localhost`, port: await freePort(), distribution: await freePort() })
    }
    const rabbit = new Rabbit(dir, epmd, epmdPort, nodes)
    try {
      await Promise.all(nodes.map((_node, n) => rabbit.run(n)))
      if (count > 1) await rabbit.control(0, 'await_online_nodes', String(count))
      return rabbit
    } catch (error) {
      await rabbit[Symbol.asyncDispose]()
      throw error
    }
  }

  /** `amqp://…` with all nodes. */
  get url(): string {
    return `amqp://guest:guest@${this.#nodes.map(({ port }) => `127.0.0.1:${port}`).join()}`
  }

  /** Starts a node that does not run, and waits until it answers. */
  async run(n = 0): Promise<void> {
    const node = this.#node(n)
    const log = openSync(join(this.#dir, `${node.name}.out`), 'a')
    writeFileSync(join(this.#dir, `${node.name}.conf`), this.#configuration(node))
    // A process group of its own: what is started is a shell that starts the node.
    node.child = spawn(join(BIN, 'rabbitmq-server'), {
      // Where it leaves what it has to say of a crash.
      cwd: this.#dir,
      env: this.#environment(node),
      stdio: ['ignore', log, log],
      detached: true,
    })
    await eventually(`${node.name} answers`, () => answers(node.port), 120_000)
  }

  /** kill -9. */
  async kill(n = 0): Promise<void> {
    const { child } = this.#node(n)
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    process.kill(-child.pid, 'SIGKILL')
    await gone
  }

  /** It stands still: it holds its connections and answers nothing. */
  freeze(n = 0): void {
    const { pid } = this.#node(n).child ?? {}
    if (pid !== undefined) process.kill(-pid, 'SIGSTOP')
  }

  /**
   * Until the node has written down which queues it has. It does so half a second after a declaration, and killed before, it comes
   * back with a queue that never elects its leader.
   */
  async remembers(n = 0): Promise<void> {
    await this.control(
      n,
      'eval',
      '[dets:sync(T) || T <- [ra_directory_reverse, ra_log_meta], dets:info(T) =/= undefined].',
    )
  }

  /** Takes everything from a node that does not run. */
  wipe(n = 0): void {
    rmSync(join(this.#dir, 'mnesia', this.#node(n).name), { recursive: true, force: true })
  }

  /** The node that leads a quorum queue, by its number. */
  async leaderOf(queue: string): Promise<number> {
    const listed = await this.control(0, 'list_queues', 'name', 'leader', '--formatter', 'json')
    const queues = JSON.parse(listed) as readonly { readonly name: string; readonly leader: string }[]
    const leader = queues.find(({ name }) => name === queue)?.leader
    return this.#nodes.findIndex(({ name }) => name === leader)
  }

  async control(n: number, ...args: readonly string[]): Promise<string> {
    const env = this.#environment(this.#node(n))
    const { stdout } = await promisify(execFile)(join(BIN, 'rabbitmqctl'), ['-q', ...args], { env })
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing here is worth an orderly end, which takes ten seconds.
    await Promise.all(this.#nodes.map((_node, n) => this.kill(n)))
    this.#epmd.kill('SIGKILL')
  }

  #node(n: number): Node {
    const node = this.#nodes[n]
    if (node === undefined) throw new Error(`there is no node ${n}`)
    return node
  }

  #configuration({ port }: Node): string {
    const peers = this.#nodes.map(({ name }, n) => `cluster_formation.classic_config.nodes.${n + 1} = ${name}`)
    return [
      `listeners.tcp.1 = 127.0.0.1:${port}`,
      'cluster_partition_handling = pause_minority',
      'disk_free_limit.absolute = 100MB',
      ...(peers.length === 1 ? [] : ['cluster_formation.peer_discovery_backend = classic_config', ...peers]),
      '',
    ].join('\n')
  }

  #environment({ name, port, distribution }: Node): NodeJS.ProcessEnv {
    return {
      PATH: `${BIN}:${process.env['PATH']}`,
      HOME: join(this.#dir, 'home'),
      LANG: 'C.UTF-8',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: String(this.#epmdPort),
      RABBITMQ_NODENAME: name,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_MNESIA_BASE: join(this.#dir, 'mnesia'),
      RABBITMQ_LOG_BASE: join(this.#dir, 'log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(this.#dir, 'plugins'),
      RABBITMQ_CONFIG_FILE: join(this.#dir, `${name}.conf`),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      // It would spin on processors that others need too.
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
        '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
    }
  }
}

const answers = async (port: number): Promise<boolean> => {
  try {
    const connection = await connect({ hostname: '127.0.0.1', port }, { timeout: 2_000 })
    await connection.close()
    return true
  } catch {
    return false
  }
}
