import { answeringNames, httpVariableOf, rpcVariableOf, serviceNames } from '@argosy/contracts/services'
import type { ServiceName as Named } from '@argosy/contracts/services'
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { FleetProcess } from '../fleet/fleet-process.ts'
import { freePort } from './free-port.ts'

export type ServiceName = Named | 'gateway'

export type ProcessFleetOptions = {
  readonly dir: string
  /** The database of all; absent when `env` names one for each service. */
  readonly databaseUrl?: string
  readonly env: Readonly<Record<string, string>>
  /** How many processes each service has, the gateway too; 1 unless said otherwise. */
  readonly instances?: number
}

type Ports = { readonly http: number; readonly rpc: number }

const names: readonly ServiceName[] = [...serviceNames, 'gateway']

/** The shop as processes of one service each, which know the others by their URLs only. The second `order` is `order 2`. */
export class ProcessFleet implements AsyncDisposable {
  readonly #options: ProcessFleetOptions
  readonly #ports: ReadonlyMap<string, Ports>
  readonly #running = new Map<string, FleetProcess>()
  readonly #addresses: Readonly<Record<string, string>>

  private constructor(options: ProcessFleetOptions, ports: ReadonlyMap<string, Ports>) {
    this.#options = options
    this.#ports = ports
    const all = (name: ServiceName, write: (ports: Ports | undefined) => string): string =>
      this.instancesOf(name)
        .map((instance) => write(ports.get(instance)))
        .join()
    const http = serviceNames.map((name) => [httpVariableOf(name), all(name, (at) => `http://127.0.0.1:${at?.http}`)])
    const rpc = answeringNames.map((name) => [rpcVariableOf(name), all(name, (at) => `grpc://127.0.0.1:${at?.rpc}`)])
    this.#addresses = {
      ...Object.fromEntries([...http, ...rpc]),
      RPC_TOKEN: randomUUID(),
      PAYMENT_WEBHOOK_SECRETS: `whsec_${randomBytes(32).toString('base64')}`,
    }
  }

  /**
   * Starts one of each service at the same moment on an empty database, and whoever comes first makes the tables; then their
   * second instances.
   */
  static async start(options: ProcessFleetOptions): Promise<ProcessFleet> {
    const { instances = 1 } = options
    const rounds = Array.from({ length: instances }, (_, n) =>
      names.map((name) => [name, instanceOf(name, n)] as const),
    )
    const ports = new Map<string, Ports>()
    for (const [, instance] of rounds.flat()) ports.set(instance, { http: await freePort(), rpc: await freePort() })
    const fleet = new ProcessFleet(options, ports)
    for (const round of rounds) {
      const started = await Promise.allSettled(round.map(([name, instance]) => fleet.run(name, instance)))
      const failed = started.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
      if (failed.length === 0) continue
      await fleet[Symbol.asyncDispose]()
      throw new AggregateError(failed, failed.map(String).join('\n'))
    }
    return fleet
  }

  /** Those that URLs lead to. */
  instancesOf(name: ServiceName): readonly string[] {
    const { instances = 1 } = this.#options
    return Array.from({ length: instances }, (_, n) => instanceOf(name, n))
  }

  /** Where an instance answers. */
  urlOf(instance: string): string {
    return `http://127.0.0.1:${this.#ports.get(instance)?.http}`
  }

  get url(): string {
    return this.#running.get('gateway')?.url ?? ''
  }

  /** Starts a service at its address; `instance` names a further one, on ports of its own that no URL leads to. */
  async run(service: ServiceName, instance: string = service): Promise<FleetProcess> {
    const own = this.#ports.get(instance) ?? { http: 0, rpc: 0 }
    const { dir, databaseUrl, env } = this.#options
    const process = await FleetProcess.start({
      dataDir: join(dir, instance),
      only: service,
      patience: 90_000,
      env: {
        ...this.#addresses,
        ...env,
        ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
        PORT: String(own.http),
        RPC_PORT: String(own.rpc),
      },
    })
    this.#running.set(instance, process)
    return process
  }

  /** kill -9. */
  async kill(instance: string): Promise<void> {
    await this.#running.get(instance)?.kill()
    this.#running.delete(instance)
  }

  /** Ends it as whoever runs servers does, by SIGTERM. Resolves with its exit code. */
  async stop(instance: string): Promise<number | null | undefined> {
    return this.#running.get(instance)?.stop('SIGTERM')
  }

  /** What each process has said that needs attention. */
  get log(): string {
    return [...this.#running].map(([name, { log }]) => `${name}: ${log}`).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The doors first: nobody is sent to a service that has gone.
    const doors = this.instancesOf('gateway').map((instance) => this.#running.get(instance))
    await Promise.all(doors.map(async (door) => door?.[Symbol.asyncDispose]()))
    await Promise.all([...this.#running.values()].map((process) => process[Symbol.asyncDispose]()))
  }
}

const instanceOf = (name: ServiceName, n: number): string => (n === 0 ? name : `${name} ${n + 1}`)
