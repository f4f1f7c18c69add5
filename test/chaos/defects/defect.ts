import type { FailpointName } from '@kit/platform/failpoints'
import type { KindName } from '../faults/kinds.ts'

/** A text of a source or SQL file that is read as another. */
export type Change = { readonly file: string; readonly from: string; readonly to: string }

/** A mistake that somebody could make, and who catches it. */
export type Defect = {
  readonly changes: readonly Change[]
  readonly caughtBy:
    | {
        /** The chaos run, in its short form, reports this. */
        readonly violation: RegExp
        /** What the shop is put under as well, though the laws allow it. */
        readonly under?: keyof typeof LEGAL
        readonly kills?: number
        readonly failpoints?: readonly FailpointName[]
        readonly kinds?: readonly KindName[]
        /** The log is a Kafka of so many brokers; PostgreSQL unless given. */
        readonly brokers?: number
        /** 60 unless given. */
        readonly purchases?: number
      }
    | {
        /** A test against the real shell that must fail: where the chaos run seldom meets the moment. */
        readonly test: string
        readonly named: string
      }
}

/** No defects: a sound shop keeps the laws under these. */
export const LEGAL = {
  /** Every message is delivered twice. */
  twice: [
    {
      file: 'kit/messaging/outbox.ts',
      from: 'for (const { topic, partition, envelope } of messages) {',
      to: 'for (const { topic, partition, envelope } of messages.flatMap((one) => [one, one])) {',
    },
  ],
  /** Some transactions stay open for a while after their messages are written. */
  slow: [
    {
      file: 'kit/messaging/transact.ts',
      from: 'send(tx, outgoing, causeOf)',
      to: 'send(tx, outgoing, causeOf)\n await new Promise((resolve) => setTimeout(resolve, 60))',
    },
  ],
} as const satisfies Readonly<Record<string, readonly Change[]>>
