import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../eventually.ts'
import { freePort } from './free-port.ts'
import { archiveClasses, fetchKafka, java, type Java } from './kafka-jars.ts'
import { scramUsers, settingsOf, type Broker, type Secrets } from './kafka-settings.ts'
import { makeSecrets } from './kafka-secrets.ts'

const execute = promisify(execFile)

/** Ms until a broker is ready, on a machine that is busy with others. */
const READY = 120_000

/** Characters that one of Kafka's programs may say. */
const OUTPUT = 256 * 1024 * 1024

export type KafkaOptions = {
  /** One, or three that keep everything three times. */
  readonly count?: number
  /** Clients must come by TLS and log in. */
  readonly secure?: boolean
}

/** Kafka as Maven has it, one broker or a cluster, to be killed, frozen and started again. */
export class Kafka implements AsyncDisposable {
  readonly #brokers: readonly Broker[]
  readonly #running = new Map<number, ChildProcess>()
  readonly #frozen = new Set<number>()
  readonly #killAll = (): void => {
    for (const child of this.#running.values()) child.kill('SIGKILL')
  }
  /** Set when clients have to log in. */
  readonly secrets: Secrets | undefined

  private constructor(brokers: readonly Broker[], secrets: Secrets | undefined) {
    this.#brokers = brokers
    this.secrets = secrets
    process.on('exit', this.#killAll)
  }

  /**
   * Starts brokers in `dir`, on free ports of the loopback interface; the first time in an installation, their programs are fetched.
   * Throws NotHere when the machine cannot.
   */
  static async start(dir: string, { count = 1, secure = false }: KafkaOptions = {}): Promise<Kafka> {
    await fetchKafka()
    await archiveClasses(async (program) => {
      const first = new Kafka(await brokersIn(join(dir, 'first')), undefined)
      await first.#format(java({ heap: '128m', log: 'off' }))
      await first.#spawn(0, program)
      return first.#orderly()
    })
    const brokers = await brokersIn(dir, count)
    const kafka = new Kafka(brokers, secure ? await makeSecrets(dir) : undefined)
    try {
      await kafka.#begin()
      return kafka
    } catch (error) {
      await kafka[Symbol.asyncDispose]()
      throw error
    }
  }

  /** `kafka://…` with all brokers, without user and password. */
  get url(): string {
    return `kafka://${this.#brokers.map(({ port }) => `127.0.0.1:${port}`).join()}`
  }

  /** How many brokers it has, whether they run or not. */
  get count(): number {
    return this.#brokers.length
  }

  /** Starts a broker that does not run, and waits until it is ready: of three, two must run. */
  async run(n = 0): Promise<void> {
    await this.#spawn(n, java({ heap: '384m', log: 'info' }))
  }

  /** kill -9. */
  async kill(n = 0): Promise<void> {
    const child = this.#running.get(n)
    if (child === undefined || !this.#isUp(n)) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    this.#frozen.delete(n)
  }

  /** It stands still: it holds its connections and answers nothing. */
  freeze(n = 0): void {
    if (this.#running.get(n)?.kill('SIGSTOP') === true) this.#frozen.add(n)
  }

  thaw(n = 0): void {
    if (this.#running.get(n)?.kill('SIGCONT') === true) this.#frozen.delete(n)
  }

  /** Comes back as another cluster, with nothing in it, at the same addresses. */
  async wipe(): Promise<void> {
    await this.#killEvery()
    for (const { dir } of this.#brokers) rmSync(join(dir, 'data'), { recursive: true, force: true })
    await this.#begin()
  }

  /** The broker that leads a partition, by its number here; -1 while none does, or it cannot be found out. Takes a second. */
  async leaderOf(topic: string, partition = 0): Promise<number> {
    const what = ['--describe', '--topic', topic]
    const described = await this.tool('org.apache.kafka.tools.TopicCommand', ...what).catch((error: unknown) => {
      if (Object(error).killed === true) return ''
      throw error
    })
    const [, leader] = new RegExp(String.raw`Partition: ${partition}\s+Leader: (\d+)`).exec(described) ?? []
    return this.#brokers.findIndex(({ id }) => String(id) === leader)
  }

  /** Runs one of Kafka's own programs against the brokers that answer and returns what it says. Throws when that takes 10 s. */
  tool(name: string, ...args: readonly string[]): Promise<string> {
    // It may have been sent on to a broker that stands still: begun again it is not, once the others have noticed.
    return this.#tool(10_000, name, ...args)
  }

  /** The headers of all messages that it keeps, a line for each: `name:value,name:value`. Takes some seconds. */
  headers(): Promise<string> {
    const format = ['print.headers=true', 'print.value=false'].flatMap((one) => ['--formatter-property', one])
    const all = ['--include', '.*', '--from-beginning', '--timeout-ms', '3000', ...format]
    return this.#tool(60_000, 'org.apache.kafka.tools.consumer.ConsoleConsumer', ...all)
  }

  async #tool(timeout: number, name: string, ...args: readonly string[]): Promise<string> {
    const answering = this.#brokers.filter((_broker, n) => this.#isUp(n) && !this.#frozen.has(n))
    const ports = answering.map(({ port, internal }) => (this.secrets === undefined ? port : internal))
    const servers = ports.map((port) => `127.0.0.1:${port}`).join()
    const program = java({ heap: '128m', log: 'off' })
    const all = [...program.args, name, '--bootstrap-server', servers, ...args]
    return (await execute(program.file, all, { env: program.env, timeout, maxBuffer: OUTPUT })).stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#killAll)
    // Nothing here is worth an orderly end, which takes ten seconds.
    await this.#killEvery()
  }

  #isUp(n: number): boolean {
    const child = this.#running.get(n)
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  /** Ends the only broker as an operator would. */
  async #orderly(): Promise<void> {
    process.off('exit', this.#killAll)
    const [child] = this.#running.values()
    if (child === undefined) return
    const gone = once(child, 'exit', { signal: AbortSignal.timeout(READY) })
    child.kill('SIGTERM')
    await gone
  }

  async #begin(): Promise<void> {
    await this.#format(java({ heap: '128m', log: 'off' }))
    await Promise.all(this.#brokers.map((_broker, n) => this.run(n)))
  }

  async #killEvery(): Promise<void> {
    await Promise.all(this.#brokers.map((_broker, n) => this.kill(n)))
  }

  async #format({ file, args, env }: Java): Promise<void> {
    // Not with a dash in front, which would make an option of it.
    const cluster = `A${randomBytes(16).toString('base64url').slice(1)}`
    await Promise.all(
      this.#brokers.map(async (broker) => {
        mkdirSync(broker.dir, { recursive: true })
        const settings = join(broker.dir, 'server.properties')
        writeFileSync(settings, settingsOf(this.#brokers, broker, this.secrets))
        const what = ['kafka.tools.StorageTool', 'format', '-t', cluster, '-c', settings, ...scramUsers(this.secrets)]
        await execute(file, [...args, ...what], { env, timeout: READY })
      }),
    )
  }

  async #spawn(n: number, { file, args, env }: Java): Promise<void> {
    const broker = this.#brokers[n]
    if (broker === undefined) throw new Error(`there is no broker ${n}`)
    const log = join(broker.dir, 'out.log')
    const output = openSync(log, 'w')
    const child = spawn(file, [...args, 'kafka.Kafka', join(broker.dir, 'server.properties')], {
      env,
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    this.#running.set(n, child)
    await eventually(
      `broker ${n} is ready`,
      () => {
        const said = readFileSync(log, 'utf8')
        if (child.exitCode !== null) throw new Error(`broker ${n} has ended:\n${said.slice(-4_000)}`)
        return said.includes('Kafka Server started')
      },
      READY,
    )
  }
}

const brokersIn = async (dir: string, count = 1): Promise<readonly Broker[]> => {
  const brokers: Broker[] = []
  for (let id = 1; id <= count; id++) {
    const ports = { port: await freePort(), controller: await freePort(), internal: await freePort() }
    brokers.push({ id, ...ports, dir: join(dir, `broker-${id}`) })
  }
  return brokers
}
