/**
 * This instance cannot handle the message, and another can: one of another release. The message is no poison: it is not
 * parked and not passed over, but kept back, with what follows it under its key, until somebody takes it.
 */
export class KeptBack extends Error {
  override readonly name = 'KeptBack'
}
