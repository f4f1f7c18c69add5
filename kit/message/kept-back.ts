/**
 * This instance cannot handle the message, and another of a newer or an older release can: it is kept, with what comes behind it
 * of its key, until such an instance reads it. Thrown by handlers; nothing else of the batch is lost by it.
 */
export class KeptBack extends Error {
  override readonly name = 'KeptBack'
}
