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
}

/** The shop as a process per service, each of which knows the others by their URLs only. */
export class ProcessFleet implements AsyncDisposable {
  readonly #options: ProcessFleetOptions
  readonly #ports: ReadonlyMap<ServiceName, { readonly http: number; readonly rpc: number }>
  readonly #running = new Map<string, FleetProcess>()
  readonly #addresses: Readonly<Record<string, string>>

  private constructor(
    options: ProcessFleetOptions,
    ports: Iterable<readonly [ServiceName, { http: number; rpc: number }]>,
  ) {
    this.#options = options
    this.#ports = new Map(ports)
    const http = serviceNames.map((name) => [httpVariableOf(name), `http://127.0.0.1:${this.#ports.get(name)?.http}`])
    const rpc = answeringNames.map((name) => [rpcVariableOf(name), `grpc://127.0.0.1:${this.#ports.get(name)?.rpc}`])
    this.#addresses = {
      ...Object.fromEntries([...http, ...rpc]),
      RPC_TOKEN: randomUUID(),
      PAYMENT_WEBHOOK_SECRETS: `whsec_${randomBytes(32).toString('base64')}`,
    }
  }

  /** Starts all at the same moment on an empty database: whoever comes first makes the tables. */
  static async start(options: ProcessFleetOptions): Promise<ProcessFleet> {
    const names = [...serviceNames, 'gateway'] as const
    const ports: [ServiceName, { http: number; rpc: number }][] = []
    for (const name of names) ports.push([name, { http: await freePort(), rpc: await freePort() }])
    const fleet = new ProcessFleet(options, ports)
    const started = await Promise.allSettled(names.map((name) => fleet.run(name)))
    const failed = started.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    if (failed.length === 0) return fleet
    await fleet[Symbol.asyncDispose]()
    throw new AggregateError(failed, failed.map(String).join('\n'))
  }

  get url(): string {
    return this.#running.get('gateway')?.url ?? ''
  }

  /** Starts a service at its address; `instance` names a further one, on ports of its own that no URL leads to. */
  async run(service: ServiceName, instance: string = service): Promise<FleetProcess> {
    const own = instance === service ? this.#ports.get(service) : { http: 0, rpc: 0 }
    const { dir, databaseUrl, env } = this.#options
    const process = await FleetProcess.start({
      dataDir: join(dir, instance),
      only: service,
      patience: 90_000,
      env: {
        ...this.#addresses,
        ...env,
        ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
        PORT: String(own?.http),
        RPC_PORT: String(own?.rpc),
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

  /** What each process has said that needs attention. */
  get log(): string {
    return [...this.#running].map(([name, { log }]) => `${name}: ${log}`).join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The door first: nobody is sent to a service that has gone.
    const door = this.#running.get('gateway')
    await door?.[Symbol.asyncDispose]()
    await Promise.all([...this.#running.values()].map((process) => process[Symbol.asyncDispose]()))
  }
}
