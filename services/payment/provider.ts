import { PermanentFailure } from '@kit/jobs/job'
import type { Holding, Operation, Outcome } from './domain/payment.ts'

type Is<Kind extends Outcome['is']> = Extract<Outcome, { is: Kind }>

type Money = {
  /**
   * The idempotency key: the same key, the same result, however often it is asked. It follows from the payment and the
   * operation, never from the attempt.
   */
  readonly key: string
  /** The payment's id, for the provider's books. */
  readonly reference: string
  /** Minor units. */
  readonly amount: number
  readonly currency_code: string
}

/** Without a card token: the provider's default, if it has one. */
export type AuthorizeRequest = Money & { readonly card_token?: string }

export type HeldRequest = Money & { readonly authorization: string }

/** The provider has answered with an error, or not at all: whether it has done what it was asked is unknown. */
export class Unanswered extends Error {
  override readonly name: string = 'Unanswered'
}

/** A call to the provider, as data. */
export type Call =
  | ({ readonly operation: 'authorize' } & AuthorizeRequest)
  | ({ readonly operation: Exclude<Operation, 'authorize'> } & HeldRequest)

/**
 * The provider has not done it and never will, as a real one says with a status of 4xx: whoever asks again gets the same
 * answer, and a person must look at it.
 */
export class ProviderRefusal extends PermanentFailure {}

/**
 * Who moves the money. A decline is an outcome, a mistake in the asking a ProviderRefusal. `Unanswered` means that the outcome
 * is unknown: the provider may have done it, and `find` must be asked before anything else is decided. Any other error is ours.
 * Calls end early when the signal is aborted; that too says nothing of what was done.
 */
export type Provider = {
  /** Holds the amount on the customer's card. */
  readonly authorize: (request: AuthorizeRequest, signal: AbortSignal) => Promise<Is<'authorized' | 'declined'>>
  /** Takes the amount that is held. */
  readonly capture: (request: HeldRequest, signal: AbortSignal) => Promise<Is<'captured' | 'uncaptured'>>
  /** Lets the amount go that is held. */
  readonly void: (request: HeldRequest, signal: AbortSignal) => Promise<Is<'voided'>>
  /** Gives back the amount, all or part of what was captured; several times, never more in all. */
  readonly refund: (request: HeldRequest, signal: AbortSignal) => Promise<Is<'refunded'>>
  /** What became of a call; undefined when the provider has not done it. */
  readonly find: (call: Call, signal: AbortSignal) => Promise<Outcome | undefined>
  /** The payment for which an authorization is held; undefined when the provider knows of none. */
  readonly referenceOf: (authorization: string, signal: AbortSignal) => Promise<string | undefined>
  /** The token that stands for a card; undefined for a card that the provider does not know. */
  readonly tokenize: (number: string) => string | undefined
}

/** What the provider tells by itself, by webhook. */
export type ProviderEvent = { readonly type: string; readonly data: Holding & { readonly reference: string } }

/** The customer's bank, where the provider plays it too. */
export type Bank = {
  /** The customer sends so much for the payment `reference`. The same id, the same transfer. Returns what is told of it. */
  readonly transfer: (
    id: string,
    money: { readonly reference: string; readonly amount: number; readonly currency_code: string },
  ) => Promise<ProviderEvent>
}

/** Calls the operation that the data names. */
export const callProvider = (provider: Provider, call: Call, signal: AbortSignal): Promise<Outcome> =>
  call.operation === 'authorize' ? provider.authorize(call, signal) : provider[call.operation](call, signal)
