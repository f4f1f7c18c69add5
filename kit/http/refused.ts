import type { Refusal } from '@kit/problem/refusal'

/** Carries a refusal through a place of Fastify that knows only errors. Routes return refusals instead. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal
  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.detail ?? refusal.refused, options)
    this.refusal = refusal
  }
}
