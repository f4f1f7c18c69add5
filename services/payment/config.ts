import { Duration } from '@kit/config/duration'
import Type from 'typebox'

/** The payment service's part of the environment. */
export const config = Type.Object({
  PAYMENT_URL: Type.String({
    default: 'sandbox:',
    pattern: '^sandbox:$',
    description: 'The payment provider: sandbox: is a simulator with test cards and books of its own.',
  }),
  PAYMENT_TIMEOUT: Duration({
    default: '5s',
    minimum: '1ms',
    maximum: '6s',
    description: 'How long a call to the provider may take before its outcome is looked up.',
  }),
  PAYMENT_CALLS: Type.Integer({
    default: 512,
    minimum: 1,
    maximum: 10_000,
    description: 'Calls to the provider that may be under way at once.',
  }),
})
