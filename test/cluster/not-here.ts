/** A server that this machine cannot start: told with its reason, and a failure where CI=true. */
export class NotHere extends Error {
  override readonly name = 'NotHere'
  constructor(what: string, why: string, fix: string) {
    super(`${what} was not started: ${why}. Fix: ${fix}`)
  }
}

/** What `start` gives; undefined, once the reason is told, on a machine that cannot. Any other failure is thrown. */
export const ifHere = async <T>(start: () => Promise<T>, tell: (reason: string) => void): Promise<T | undefined> => {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof NotHere)) throw error
    tell(error.message)
    return undefined
  }
}
