// sin: pure-domain, no-restricted-imports, handlers-throw-no-dice
import { randomUUID } from 'node:crypto'

export const id = (): string => randomUUID()
