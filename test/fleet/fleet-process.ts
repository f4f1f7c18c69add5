import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../..', import.meta.url))

export type FleetOptions = {
  /** Where the embedded database lives; a scratch folder of the caller's. */
  readonly dataDir: string
  readonly env?: Readonly<Record<string, string>>
  /** The services of this process, with commas; the whole fleet when absent. */
  readonly only?: string
  /** Milliseconds from the command to ready. */
  readonly patience?: number
  /** The folder whose program runs: this repository, unless it is another release. */
  readonly root?: string
}

/** The shop as its users run it: one process of `argosy start` on a free port, without demo data and rate limits. */
export class FleetProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #log: string[]
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** Milliseconds from the command to ready, as the process itself says. */
  readonly readyAfter: number

  private constructor(child: ChildProcess, exited: Promise<unknown>, log: string[], ready: Ready) {
    this.#child = child
    this.#exited = exited
    this.#log = log
    this.url = ready.urls.api
    this.readyAfter = ready.ms
  }

  /** Resolves when the shop answers. Throws, with what the process has said, when it ends or takes too long instead. */
  static async start(options: FleetOptions): Promise<FleetProcess> {
    const { dataDir, env = {}, only, patience = 90_000, root = repository } = options
    const program = join(root, 'apps/argosy/bin/argosy.js')
    const child = spawn(
      process.execPath,
      [program, 'start', '--json', ...(only === undefined ? [] : ['--only', only])],
      {
        env: {
          ...process.env,
          PORT: '0',
          DEMO: 'off',
          RATE_LIMITS: 'off',
          LOG_LEVEL: 'warn',
          DATA_DIR: dataDir,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    const log: string[] = []
    child.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()))
    const exited = once(child, 'exit')
    const late = AbortSignal.timeout(patience)
    const ready = await Promise.race([
      readyLine(child, log),
      exited.then(() => undefined),
      once(late, 'abort').then(() => undefined),
    ])
    if (ready !== undefined) return new FleetProcess(child, exited, log, ready)
    const signal = child.signalCode
    // First in peace, or it would leave its PostgreSQL behind.
    child.kill('SIGTERM')
    await Promise.race([exited, once(AbortSignal.timeout(10_000), 'abort')])
    child.kill('SIGKILL')
    throw new NotReady(`the fleet did not become ready within ${patience} ms:\n${log.join('')}`, signal)
  }

  /** Resolves when the process has ended, whoever ended it. */
  get exited(): Promise<unknown> {
    return this.#exited
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** What the process has written to standard error, and to standard output after it was ready. */
  get log(): string {
    return this.#log.join('')
  }

  /** Ends it as a crash would: no drain, no goodbye. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** Ends it as Ctrl-C does, or as whoever runs servers does. Resolves with the exit code. */
  async stop(signal: 'SIGINT' | 'SIGTERM' = 'SIGINT'): Promise<number | null> {
    this.#child.kill(signal)
    await this.#exited
    return this.#child.exitCode
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.stop()
  }
}

/** The fleet ended, or took too long. `signal`: what ended it before it was ready. */
export class NotReady extends Error {
  override readonly name = 'NotReady'
  readonly signal: NodeJS.Signals | null
  constructor(message: string, signal: NodeJS.Signals | null) {
    super(message)
    this.signal = signal
  }
}

type Ready = { readonly event: 'ready'; readonly ms: number; readonly urls: { readonly api: string } }

const readyLine = async (child: ChildProcess, log: string[]): Promise<Ready | undefined> => {
  if (child.stdout === null) return undefined
  const lines = createInterface({ input: child.stdout })
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      if (line.startsWith('{"event":"ready"')) resolve(JSON.parse(line) as Ready)
      else log.push(`${line}\n`)
    })
    lines.on('close', () => resolve(undefined))
  })
}
