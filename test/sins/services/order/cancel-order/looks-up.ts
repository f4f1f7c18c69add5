// sin: slices-below-the-list
import type { order } from '../service.ts'

export type All = typeof order
