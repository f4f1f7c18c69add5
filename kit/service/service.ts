import type { Facts, FactsProjection } from '@kit/facts/facts'
import type { Route } from '@kit/http/route'
import type { Worker } from '@kit/jobs/job'
import type { Consumer } from '@kit/messaging/consumer'
import type { Transact } from '@kit/messaging/transact'
import type { Platform } from '@kit/platform/platform'
import type { Database } from '@kit/postgres/queryable'
import type { Problems } from '@kit/problem/refusal'
import type { Implementation, Procedure, RpcClient } from '@kit/rpc/procedure'
import type { Logger, Metrics } from '@kit/telemetry/telemetry'
import type { Static, TObject, TProperties } from 'typebox'

/** What a running service stands on. */
export type Foundation<Config = unknown> = {
  readonly config: Config
  readonly db: Database
  readonly platform: Platform
  readonly rpc: RpcClient
  readonly log: Logger
  readonly metrics: Metrics
  readonly transact: Transact
  /** Where the shop is reached that this process listens for: `http://127.0.0.1:8080`; known once it listens. */
  readonly address: () => string | undefined
  /** The database of a declared companion, under its own role. */
  readonly companion: (name: string) => Database
  /** Hands over a resource that must be closed when the service stops, last first. */
  readonly own: <T extends AsyncDisposable>(resource: T) => T
}

/** What a service consists of. */
export type Parts = {
  readonly routes?: readonly Route[]
  readonly consumers?: readonly Consumer[]
  readonly workers?: readonly Worker[]
  readonly procedures?: readonly Implementation[]
  /** Loops of the service's own (saga deadlines, sweeps). Started after the readers, closed before them. */
  readonly background?: readonly (() => AsyncDisposable)[]
}

/** The table of contents of one service. */
export type Service<Properties extends TProperties = any> = {
  /** Also its schema, its reader group and, with a prefix, its database role. */
  readonly name: string
  /** Its part of the environment; parsed once, together with everyone else's. */
  readonly config: TObject<Properties>
  readonly problems: Problems
  /** Folders of numbered `.sql` files, in order: kit tables that only some services use, then its own. */
  readonly migrations: readonly URL[]
  /** Further schemas, each under a role of its own that the service's own role cannot read (a simulated third party). */
  readonly companions?: readonly { readonly name: string; readonly migrations: readonly URL[] }[]
  /** What it asks other services for. It can call nothing else, so a process knows at start whom it needs. */
  readonly calls?: readonly Procedure[]
  /** What it owns and tells to all who begin to keep it. */
  readonly facts?: readonly Facts[]
  /**
   * What it keeps of others' facts. Told to it when it begins to read them after their beginning is gone, and by
   * `argosy rebuild`.
   */
  readonly projections?: readonly FactsProjection[]
  /** Ms that its reader rests after a batch: nobody waits for this service, so it takes fewer and larger ones. 0 unless given. */
  readonly restAfterBatch?: number
  readonly parts: (foundation: Foundation<Static<TObject<Properties>>>) => Parts | Promise<Parts>
}

export const defineService = <Properties extends TProperties>(service: Service<Properties>): Service<Properties> =>
  service
