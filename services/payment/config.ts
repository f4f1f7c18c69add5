import { Duration } from '@kit/config/duration'
import Type from 'typebox'

/** `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks writes secrets. */
const WebhookSecret = Type.String({ pattern: '^whsec_[A-Za-z0-9+/]{32,88}={0,2}$' })

/** What the sandbox signs with when nothing else is said: known to everybody, so for trying out only. */
export const PUBLIC_SECRET = 'whsec_YXJnb3N5IHNhbmRib3gsIG5vdCBhIHNlY3JldA=='

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
  PAYMENT_PATIENCE: Duration({
    default: '30s',
    minimum: '1ms',
    maximum: '1d',
    description:
      'How long the provider may leave calls for a purchase unanswered, the waiting between them counted, before it is called off. Time in which the shop itself stands still does not count.',
  }),
  PAYMENT_WEBHOOK_SECRETS: Type.Array(WebhookSecret, {
    minItems: 1,
    maxItems: 2,
    default: [PUBLIC_SECRET],
    secret: true,
    examples: [['"whsec_$(openssl rand -base64 32)"']],
    description:
      "What the provider signs its webhooks with: whsec_…, or two with a comma while one takes the other's place. The sandbox signs with the first. When absent it is one that everybody knows, which is refused in production, off the loopback interface and in a process without the gateway.",
  }),
  PAYMENT_CALLS: Type.Integer({
    default: 512,
    minimum: 1,
    maximum: 10_000,
    description: 'Calls to the provider that may be under way at once.',
  }),
})
