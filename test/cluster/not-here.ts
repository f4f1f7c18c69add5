/** A server that this machine cannot start: told with its reason, and a failure where CI=true. */
export class NotHere extends Error {
  override readonly name = 'NotHere'
  constructor(what: string, why: string, fix: string) {
    super(`${what} was not started: ${why}. Fix: ${fix}`)
  }
}
