import { childrenOf } from './children.ts'
import { freeze } from './frozen-process.ts'

/** Stops PostgreSQL as a whole, the postmaster first, so that it makes no more children. */
export const freezeServer = (postmaster: number): Disposable => {
  using started = new DisposableStack()
  started.use(freeze(postmaster))
  for (const child of childrenOf(postmaster)) {
    try {
      started.use(freeze(child))
    } catch (error) {
      // It ended a moment ago.
      if (Object(error).code !== 'ESRCH') throw error
    }
  }
  return started.move()
}
