import type { Taker } from './enqueue.ts'
import type { RunnerOptions } from './runner-options.ts'

/** What does a service's jobs. The job table is the record of them all, whoever hands them out. */
export type Jobs = Taker &
  AsyncDisposable & {
    readonly start: () => void
    /** Does every job that is due and says whether there was any; only where the database hands them out. */
    readonly drain?: () => Promise<boolean>
    /** What hands the jobs out, where it is not the database and there are some. */
    readonly broker?: Broker | undefined
  }

export type Broker = {
  /** As metrics have it: `rabbitmq`. */
  readonly name: string
  readonly isUp: () => boolean
  /** Why no jobs have been handed out for a while, in words that anybody may read. */
  readonly complaint: () => string | undefined
}

/** A way in which jobs come to their workers. */
export type OpenJobs = (options: RunnerOptions) => Jobs
