// sin: resolvable
import { absent } from './absent.ts'

export const nothing: unknown = absent
