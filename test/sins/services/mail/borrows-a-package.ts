// sin: declared-dependency
import type { Refusal } from '@kit/problem/refusal'

export const none: Refusal | undefined = undefined
