// sin: pure-domain, no-restricted-imports
import { randomUUID } from 'node:crypto'

export const id = (): string => randomUUID()
