// sin: kit-without-cycles
import type { Upper } from '../http/upper.ts'

export type Lower = { readonly upper: Upper }
