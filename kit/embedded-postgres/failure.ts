/** The embedded server cannot run here; the message says why and what to do about it. */
export class EmbeddedFailure extends Error {
  override readonly name = 'EmbeddedFailure'
  /** `ENOSPC`: the disk is full. */
  readonly code: string | undefined
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = NO_SPACE.test(message) ? 'ENOSPC' : undefined
  }
}

const NO_SPACE = /No space left on device|ENOSPC/
