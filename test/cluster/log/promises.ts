import { crashPromises } from './crash-promises.ts'
import { failurePromises } from './failure-promises.ts'
import type { Promised } from './ground.ts'
import { memberPromises } from './member-promises.ts'
import { retentionPromises } from './retention-promises.ts'

/** What every log promises, wherever the messages are. Kept on real servers, which are killed and frozen. */
export const promises: readonly Promised[] = [
  ...memberPromises,
  ...crashPromises,
  ...retentionPromises,
  ...failurePromises,
]

/** Those that hold as well where a group is given its messages in the transaction of another one. */
export const promisesTogether: readonly Promised[] = [...memberPromises, ...crashPromises, ...failurePromises]
