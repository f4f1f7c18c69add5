import type { Problems } from '@kit/problem/refusal'

/** What this service refuses, with a page for each in `docs/problems/`. */
export const problems = {} satisfies Problems
