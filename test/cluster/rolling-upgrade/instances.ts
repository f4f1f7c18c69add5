import { join } from 'node:path'
import { FleetProcess } from '../../fleet/fleet-process.ts'
import type { Door } from './door.ts'

type Options = {
  readonly door: Door
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  /** Where each release lies; absent: this one. */
  readonly roots: Readonly<Record<string, string>>
}

/** So much of what an instance has said last is shown. */
const LAST = 2_000

/** Whole shops behind one door, each a process of one of two releases; named `old 1`, `new 2`. */
export class Instances implements AsyncDisposable {
  readonly #options: Options
  readonly #began = performance.now()
  readonly #processes = new Map<string, FleetProcess>()
  readonly #running = new Set<string>()
  /** What was done, and when. */
  readonly diary: string[] = []

  constructor(options: Options) {
    this.#options = options
  }

  async start(name: string): Promise<void> {
    const { door, dir, env, roots } = this.#options
    this.write(`start ${name}`)
    const root = roots[name.split(' ')[0] ?? '']
    const dataDir = join(dir, name.replace(' ', '-'))
    const process = await FleetProcess.start({ dataDir, env, ...(root !== undefined && { root }) })
    this.#processes.set(name, process)
    this.#running.add(name)
    door.letIn(name, process.url)
    this.write(`${name} is ready after ${process.readyAfter.toFixed(0)} ms`)
    void process.exited.then(() => this.#running.has(name) && this.write(`${name} has ended by itself`))
  }

  /** As the guide says: first it gets no more requests, then SIGTERM. */
  async stop(name: string): Promise<void> {
    this.write(`stop ${name}`)
    await this.#options.door.leaveOut(name)
    this.#running.delete(name)
    const began = performance.now()
    const code = await this.#processes.get(name)?.stop('SIGTERM')
    this.write(`${name} has ended with ${code} after ${(performance.now() - began).toFixed(0)} ms`)
  }

  write(line: string): void {
    this.diary.push(`${this.secondsAt(performance.now())} ${line}`)
    console.log(this.diary.at(-1))
  }

  /** `  12.3 s`, since the first start. */
  secondsAt(moment: number): string {
    return `${((moment - this.#began) / 1000).toFixed(1).padStart(6)} s`
  }

  /** The last that each instance has said, those that have ended included. */
  get lastWords(): string {
    return [...this.#processes].map(([name, { log }]) => `--- ${name}\n${log.slice(-LAST)}`).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running.clear()
    await Promise.all([...this.#processes.values()].map((process) => process[Symbol.asyncDispose]()))
  }
}
