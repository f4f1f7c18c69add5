import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually } from '../../eventually.ts'
import { freeze } from '../../faults/frozen-process.ts'
import type { MemberOptions } from './member.ts'

const PROGRAM = fileURLToPath(new URL('./member.ts', import.meta.url))

/** Ms within which a process is there, and within which it has gone in peace. */
const SOON = 20_000

/** A process of the log's, from outside. */
export class Hired implements AsyncDisposable {
  readonly name: string
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>
  #failures = 0

  private constructor(name: string, child: ChildProcess) {
    this.name = name
    this.#child = child
    this.#exited = once(child, 'exit')
    child.on('message', (message) => {
      if (message === 'failed') this.#failures++
    })
  }

  /** Resolves when it reads and writes. `failpoints` are armed in it. */
  static async start(options: MemberOptions, failpoints = ''): Promise<Hired> {
    const env = { ...process.env, ARGOSY_FAILPOINTS: failpoints }
    const child = fork(PROGRAM, [JSON.stringify(options)], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const hired = new Hired(options.member, child)
    const ready = once(child, 'message', { signal: AbortSignal.timeout(SOON) })
    await Promise.race([ready, hired.#exited])
    return hired
  }

  /** How often a handler has failed in it. */
  get failures(): number {
    return this.#failures
  }

  get isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }

  /** It stands still until what is returned is disposed of. */
  freeze(): Disposable {
    return freeze(this.#child.pid ?? 0)
  }

  /** Ends in peace. */
  async leave(): Promise<void> {
    this.#child.kill('SIGTERM')
    await eventually(`${this.name} ends`, () => this.isGone, SOON)
  }

  /** Until a failpoint has killed it. */
  async dies(): Promise<void> {
    await eventually(`${this.name} dies`, () => this.#child.signalCode === 'SIGKILL', SOON)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isGone) await this.kill()
  }
}
