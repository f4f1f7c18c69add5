import { FAULT } from './fault.ts'

/**
 * Work that was turned away before any of it was done: too many wait already, it has waited too long, or nobody wants its
 * result any more. The same work may succeed later.
 */
export class NotBegun extends Error {
  override readonly name = 'NotBegun'
  readonly [FAULT] = 'transient'
  constructor(why: string, options?: ErrorOptions) {
    super(`not begun: ${why}`, options)
  }
}
