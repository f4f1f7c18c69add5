import type { Taker } from './enqueue.ts'
import type { RunnerOptions } from './runner-options.ts'

/** What does a service's jobs. The job table is the record of them all, whoever hands them out. */
export type Jobs = Taker &
  AsyncDisposable & {
    readonly start: () => void
    /** Does every job that is due and says whether there was any; only where the database hands them out. */
    readonly drain?: () => Promise<boolean>
  }

/** A way in which jobs come to their workers. */
export type OpenJobs = (options: RunnerOptions) => Jobs
