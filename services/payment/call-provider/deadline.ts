import { Unanswered } from '../provider.ts'

/** The provider has not answered in time. Whether it has done what it was asked to do is unknown. */
class ProviderTimeout extends Unanswered {
  override readonly name = 'ProviderTimeout'
}

/** Waits for a call at most so many ms. A late answer is ignored; the signal tells the call that nobody waits any more. */
export const withDeadline = <T>(ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController()
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      const timeout = new ProviderTimeout(`the payment provider has not answered within ${ms} ms`)
      reject(timeout)
      controller.abort(timeout)
    }, ms)
    call(controller.signal)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}
