import { Duration, Durations } from '@kit/config/duration'
import Type from 'typebox'

/** The order service's part of the environment. */
export const config = Type.Object({
  ORDER_REMINDERS: Durations({
    default: ['4h', '12h', '22h'],
    description:
      'When customers are reminded of an order that they have not paid, counted from its placing; [] for never.',
  }),
  ORDER_EXPIRY: Duration({
    default: '24h',
    minimum: '1s',
    description: 'When an order that is still not paid is cancelled, counted from its placing.',
  }),
})
