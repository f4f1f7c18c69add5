/** The embedded server cannot run here; the message says why and what to do about it. */
export class EmbeddedFailure extends Error {
  override readonly name = 'EmbeddedFailure'
}
