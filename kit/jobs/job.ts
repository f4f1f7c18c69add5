import type { JobRequest, Outgoing } from '@kit/messaging/outgoing'
import type { Platform } from '@kit/platform/platform'
import type { Tx } from '@kit/postgres/queryable'
import type { Static, TObject, TProperties } from 'typebox'
import { Compile } from 'typebox/compile'

/** When to try again and when to give up. Delays are milliseconds; each has up to half of itself added by chance. */
export type RetryPolicy = {
  /**
   * Tries in all before the job becomes a dead letter. It does not become one for an error of the database that is no job's fault, a
   * missing column, table or right: it is tried on until it is done, or fails for a reason of its own.
   */
  readonly attempts: number
  readonly firstDelay: number
  readonly maxDelay: number
}

const defaultRetry: RetryPolicy = { attempts: 8, firstDelay: 500, maxDelay: 3_600_000 }

/** A kind of work that a service gives itself: done outside the transaction that asks for it, now or later. */
export type JobType<Name extends string = string, Properties extends TProperties = TProperties> = {
  (data: Static<TObject<Properties>>, when?: { readonly runAt?: Date; readonly dedupe?: string }): JobRequest
  readonly type: Name
  readonly parse: (data: unknown) => Static<TObject<Properties>>
}

/** Declares a kind of job; `key` names the field that its correlation follows. */
export const job = <const Name extends string, Properties extends TProperties>(
  name: Name,
  key: keyof Properties & string,
  schema: TObject<Properties>,
): JobType<Name, Properties> => {
  type Data = Static<TObject<Properties>>
  const validator = Compile(schema)
  const make = (data: Data, when: { readonly runAt?: Date; readonly dedupe?: string } = {}): JobRequest => ({
    kind: 'job',
    type: name,
    key: String(Object(data)[key]),
    data,
    ...when,
  })
  const parse = (data: unknown): Data => {
    if (validator.Check(data)) return data
    throw new PermanentFailure(`the data of a ${name} job does not match its schema`)
  }
  return Object.assign(make, { type: name, parse })
}

/** What a try knows about itself. */
export type Attempt = {
  /** The job's id: the same in every try, hence a good idempotency key. */
  readonly id: string
  /** 1 for the first try. */
  readonly number: number
  /** Aborted after a minute: the try has failed then. */
  readonly signal: AbortSignal
}

/** The job will never succeed: it is parked at once, without further tries. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure'
}

/** How a kind of job is done. */
export type Worker<Data = any, Result = any> = {
  readonly job: { readonly type: string; readonly parse: (data: unknown) => Data }
  /** Jobs in the air at once, in one process. */
  readonly concurrency: number
  readonly retry: RetryPolicy
  /** The effect outside: runs in no transaction, may run again after a crash. An error is a failed try. */
  readonly perform: (data: Data, attempt: Attempt, platform: Platform) => Promise<Result>
  /** What is recorded and told once done: one transaction for all jobs that ended together, with their removal; it may be repeated. */
  readonly finish: (
    done: readonly { readonly data: Data; readonly result: Result }[],
    tx: Tx,
    platform: Platform,
  ) => Promise<readonly Outgoing[]>
}

/** Binds a kind of job to its code. */
export const worker = <Properties extends TProperties, Result>(
  declaration: Omit<Worker<Static<TObject<Properties>>, Result>, 'job' | 'retry'> & {
    readonly job: JobType<string, Properties>
    readonly retry?: RetryPolicy
  },
): Worker<Static<TObject<Properties>>, Result> => ({ retry: defaultRetry, ...declaration })
